import { problemAnswer, type WebAnswer } from '../../../engines/web/index.ts';
import { FORM_VIOLATIONS, type FormViolation } from '../../../protocols/form-data/index.ts';

export function fileTooLarge(bytesMax: number): WebAnswer {
  return problemAnswer(
    {
      status: 413,
      code: 'file-too-large',
      title: 'The file is too large',
      detail: `At most ${bytesMax} bytes are taken.`,
      hint: 'The bound is the setting files.bytesMax.',
    },
    { close: true },
  );
}

export function tooManyFiles(filesMax: number): WebAnswer {
  return problemAnswer(
    {
      status: 413,
      code: 'too-many-files',
      title: 'The form has too many files',
      detail: `At most ${filesMax} files are taken at once.`,
      hint: 'Send several forms; the bound is the setting files.filesMax.',
    },
    { close: true },
  );
}

export function formMalformed(code: FormViolation): WebAnswer {
  return problemAnswer(
    {
      status: 400,
      code: code.toLowerCase().replaceAll('_', '-'),
      title: 'The form is malformed',
      detail: `${FORM_VIOLATIONS[code]}.`,
      hint: 'Send multipart/form-data as browsers and curl -F do, or the bytes of one file as the body.',
    },
    { close: true },
  );
}

export function badProfile(profiles: readonly string[]): WebAnswer {
  return problemAnswer({
    status: 400,
    code: 'profile-unknown',
    title: 'There is no such scan profile',
    detail: `The profiles are ${profiles.join(', ')}.`,
    hint: 'Further ones are made with the setting scan.profiles.',
  });
}

export const BAD_WAIT = problemAnswer({
  status: 400,
  code: 'wait-malformed',
  title: 'The parameter wait is malformed',
  detail: 'It is true or false.',
  hint: 'With wait=false the answer comes before the verdict, with its address in Location.',
});

export const NO_BOUNDARY = problemAnswer(
  {
    status: 400,
    code: 'form-boundary',
    title: 'The form has no boundary',
    detail: 'The Content-Type is multipart/form-data without a boundary that RFC 2046 allows.',
  },
  { close: true },
);

export const NO_FILE = problemAnswer({
  status: 400,
  code: 'file-missing',
  title: 'The form has no file',
  detail: 'A file is a part with a filename, or one of the name "file".',
});

/** RFC 9110 §15.5.16: what would be taken. */
export const CODED = problemAnswer(
  {
    status: 415,
    code: 'content-coding',
    title: 'The file must come as it is',
    detail: 'The body has a Content-Encoding. It would say what the file is not.',
    hint: 'Leave out Content-Encoding; a compressed file is looked into all the same.',
  },
  { fields: [['Accept-Encoding', 'identity']], close: true },
);

export const TOO_SLOW = problemAnswer(
  {
    status: 408,
    code: 'upload-too-slow',
    title: 'The upload took too long',
    detail: 'The files were not here in time.',
    hint: 'The bound is the setting files.uploadTimeout.',
  },
  { close: true },
);

export const BUSY = problemAnswer(
  {
    status: 503,
    code: 'uploads-busy',
    title: 'Too many files are being taken',
    detail: 'As many uploads as this process takes at the same time are under way.',
    hint: 'Try again in a moment; the bound is the setting files.uploadsMax.',
  },
  { fields: [['Retry-After', '2']], close: true },
);

export const TOKEN_NEEDS_TLS = problemAnswer(
  {
    status: 403,
    code: 'https-required',
    title: 'Files are taken over https',
    detail: 'Analysis needs a token, and a token must not be sent without TLS.',
    hint: 'Send the same request to the https port, or set files.requireToken to false.',
  },
  { close: true },
);

export const BAD_HASH = problemAnswer({
  status: 400,
  code: 'sha256-malformed',
  title: 'This is no SHA-256',
  detail: 'A file is asked for by its SHA-256, 64 hexadecimal digits.',
});

export const NOT_SCANNED = problemAnswer({
  status: 404,
  code: 'file-not-scanned',
  title: 'The file has not been analyzed, or too long ago',
  detail: 'Nobody has handed in a file of this SHA-256 lately.',
  hint: 'Send the file to POST /api/v1/files. What the lists know of a hash says GET /lookup/sha256/{hash}.',
});
