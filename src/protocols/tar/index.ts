export { TarReader, type TarEvent, type TarLimits, type TarViolation } from './tar.ts';
