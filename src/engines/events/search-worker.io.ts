import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../kernel/index.ts';
import type { FromSearcher, SearcherStart, ToSearcher } from './messages.ts';
import { EventReader } from './search.io.ts';

// The thread that searches, with connections of its own that only read.
const { dir, budgetMs } = workerData as SearcherStart;
const reader = new EventReader(dir, { budgetMs, now: () => performance.now() });

parentPort?.on('message', ({ id, query }: ToSearcher) => {
  let answer: FromSearcher;
  try {
    answer = { id, page: reader.search(query) };
  } catch (error) {
    answer = { id, reason: messageOf(error) };
  }
  parentPort?.postMessage(answer);
});
