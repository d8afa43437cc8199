export { answerBody, type AnswerBody, type AnswerFacts } from './answer-page.ts';
