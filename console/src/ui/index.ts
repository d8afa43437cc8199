export {
  Badge,
  Button,
  describeError,
  Diff,
  Empty,
  ErrorNotice,
  Facts,
  Loading,
  Notice,
  PageHead,
  Panel,
  Time,
  type Tone,
} from './basics.tsx';
export { CopyButton, saveAs } from './copy.tsx';
export { ConfirmDialog, Dialog, useAction } from './dialog.tsx';
export { Findings } from './findings.tsx';
export { FormEnd } from './form-end.tsx';
export { Checkbox, Form, Segmented, SelectField, TextArea, TextField } from './form.tsx';
export { Icon, type IconName } from './icon.tsx';
export { useInPassing } from './in-passing.ts';
export { NewSecretFields, NO_SECRET, secretsDiffer } from './new-secret.tsx';
export { Table, type TableColumn } from './table.tsx';
export { Tabs } from './tabs.tsx';
export { toast } from './toast.tsx';
export { View } from './view.tsx';
export { stateText, words } from './words.ts';
