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
export { Checkbox, Form, Segmented, SelectField, TextArea, TextField } from './form.tsx';
export { Icon, type IconName } from './icon.tsx';
export { Table, type TableColumn } from './table.tsx';
export { Tabs } from './tabs.tsx';
export { toast } from './toast.tsx';
export { View } from './view.tsx';
export { words } from './words.ts';
