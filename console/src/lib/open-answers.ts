import { gateway } from './api.ts';
import type {
  ListOut,
  LocalIndicator,
  PolicyCheck,
  PolicyTestResult,
  Settings,
  StoredFeed,
  WrittenCollection,
} from './types.ts';

// Answers whose members the API's document leaves open: each is narrowed here, once.

/** What the gateway thinks of a policy, and what it would change; nothing is put in force. */
export async function checkPolicy(text: string, signal: AbortSignal): Promise<PolicyCheck> {
  const answer = await gateway.call('POST /api/v1/policies', { body: { text, dryRun: true }, signal });
  return answer as unknown as PolicyCheck;
}

/** Expectations, tried against a policy that need not be in force. */
export async function testPolicy(text: string, policy: string): Promise<readonly PolicyTestResult[]> {
  const { results } = await gateway.call('POST /api/v1/policies/test', { body: { text, policy } });
  return results as unknown as readonly PolicyTestResult[];
}

export async function storedFeeds(signal: AbortSignal): Promise<readonly StoredFeed[]> {
  return (await gateway.call('GET /api/v1/feeds', { signal })) as unknown as readonly StoredFeed[];
}

/** Newest first. */
export async function localIndicators(signal: AbortSignal): Promise<readonly LocalIndicator[]> {
  const { local } = await gateway.call('GET /api/v1/indicators', { signal });
  return (local as unknown as readonly LocalIndicator[]).toReversed();
}

export async function settingsInForce(signal: AbortSignal): Promise<Settings> {
  return (await gateway.call('GET /api/v1/config', { signal })) as unknown as Settings;
}

export async function listsOut(signal: AbortSignal): Promise<readonly ListOut[]> {
  return (await gateway.call('GET /api/v1/exports', { signal })) as unknown as readonly ListOut[];
}

export async function writtenCollections(signal: AbortSignal): Promise<readonly WrittenCollection[]> {
  return (await gateway.call('GET /api/v1/collections', {
    signal,
  })) as unknown as readonly WrittenCollection[];
}
