export {
  smtpDialogue,
  type SmtpLetter,
  type SmtpOptions,
  type SmtpOutcome,
  type SmtpStep,
} from './dialogue.ts';
export { isMailAddress, mailText, type Mail } from './mail.ts';
export { SmtpReplies, type SmtpReply, type SmtpViolation } from './replies.ts';
