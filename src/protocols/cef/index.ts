export { type CefMessage, formatCef } from './cef.ts';
