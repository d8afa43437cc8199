export {
  cutOctets,
  formatSyslog,
  frameLine,
  frameOctetCounted,
  oneLine,
  type SyslogMessage,
} from './syslog.ts';
