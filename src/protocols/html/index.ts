export { type HtmlLimits, type HtmlToken, htmlTokens } from './tokens.ts';
