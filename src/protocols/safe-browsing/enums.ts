import { enumTable } from './message.ts';

/**
 * Threat types of version 4. Google's own lists call social engineering 2; browsers ask for the same list under 5.
 * Version 5 has the first four.
 */
export const THREAT_TYPE = {
  THREAT_TYPE_UNSPECIFIED: 0,
  MALWARE: 1,
  SOCIAL_ENGINEERING: 2,
  UNWANTED_SOFTWARE: 3,
  POTENTIALLY_HARMFUL_APPLICATION: 4,
  SOCIAL_ENGINEERING_INTERNAL: 5,
  API_ABUSE: 6,
  MALICIOUS_BINARY: 7,
  CSD_WHITELIST: 8,
  CSD_DOWNLOAD_WHITELIST: 9,
  CLIENT_INCIDENT: 10,
  CLIENT_INCIDENT_WHITELIST: 11,
  APK_MALWARE_OFFLINE: 12,
  SUBRESOURCE_FILTER: 13,
  SUSPICIOUS: 14,
  TRICK_TO_BILL: 15,
  HIGH_CONFIDENCE_ALLOWLIST: 16,
  ACCURACY_TIPS: 17,
} as const;

export const PLATFORM_TYPE = {
  PLATFORM_TYPE_UNSPECIFIED: 0,
  WINDOWS: 1,
  LINUX: 2,
  ANDROID: 3,
  OSX: 4,
  IOS: 5,
  ANY_PLATFORM: 6,
  ALL_PLATFORMS: 7,
  CHROME: 8,
} as const;

export const THREAT_ENTRY_TYPE = {
  THREAT_ENTRY_TYPE_UNSPECIFIED: 0,
  URL: 1,
  EXECUTABLE: 2,
  IP_RANGE: 3,
  CHROME_EXTENSION: 4,
  FILENAME: 5,
  CERT: 6,
} as const;

export const COMPRESSION_TYPE = { COMPRESSION_TYPE_UNSPECIFIED: 0, RAW: 1, RICE: 2 } as const;
export const RESPONSE_TYPE = { RESPONSE_TYPE_UNSPECIFIED: 0, PARTIAL_UPDATE: 1, FULL_UPDATE: 2 } as const;
export const LIKELY_SAFE_TYPE = {
  LIKELY_SAFE_TYPE_UNSPECIFIED: 0,
  GENERAL_BROWSING: 1,
  CSD: 2,
  DOWNLOAD: 3,
} as const;
export const THREAT_ATTRIBUTE = { THREAT_ATTRIBUTE_UNSPECIFIED: 0, CANARY: 1, FRAME_ONLY: 2 } as const;
export const HASH_LENGTH = {
  HASH_LENGTH_UNSPECIFIED: 0,
  FOUR_BYTES: 2,
  EIGHT_BYTES: 3,
  SIXTEEN_BYTES: 4,
  THIRTY_TWO_BYTES: 5,
} as const;

export const threatTypes = enumTable(THREAT_TYPE);
export const platformTypes = enumTable(PLATFORM_TYPE);
export const threatEntryTypes = enumTable(THREAT_ENTRY_TYPE);
export const compressionTypes = enumTable(COMPRESSION_TYPE);
export const responseTypes = enumTable(RESPONSE_TYPE);
export const likelySafeTypes = enumTable(LIKELY_SAFE_TYPE);
export const threatAttributes = enumTable(THREAT_ATTRIBUTE);
export const hashLengths = enumTable(HASH_LENGTH);
