export { TarReader, type TarEvent, type TarLimits, type TarViolation } from './tar.ts';
export { tarEnd, type TarFile, tarHeader, tarPadding } from './tar-writer.ts';
