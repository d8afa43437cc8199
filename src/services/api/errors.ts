import { defineErrors } from '../../kernel/index.ts';

export const apiErrors = defineErrors({
  API_REQUEST_TOO_LARGE: {
    kind: 'limit',
    message: 'the request is {bytes} bytes long on its way to control, and at most {max} are taken',
    hint: 'Hand larger lists over on the machine, with `sallyport feed import`, or subscribe to them',
  },
});
