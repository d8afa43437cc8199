/**
 * How long a client of Safe Browsing is silent after answers that were no success: a quarter of an hour to half an hour
 * after the first, doubled each time, up to a day (Update API, "Request frequency", back-off mode). The schedule of feeds
 * takes half of a wait by chance, so its first one is half an hour.
 */
export const UPDATE_API = { backoffMinMs: 30 * 60_000, backoffMaxMs: 24 * 3_600_000 } as const;
