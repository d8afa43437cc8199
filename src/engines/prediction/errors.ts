import { defineErrors } from '../../kernel/index.ts';

export const predictionErrors = defineErrors({
  PREDICTION_MODEL_REFUSED: {
    kind: 'config',
    message: 'the model {file} is not used: {why}',
    hint: 'the model before it stays in force; train it again with: model train, or take the shipped one: model activate shipped',
    exit: 7,
  },
  PREDICTION_MODEL_UNKNOWN: {
    kind: 'config',
    message: 'there is no {kind} model of version {version}',
    hint: 'see: model show',
    exit: 7,
  },
  PREDICTION_NO_EARLIER: {
    kind: 'refused',
    message: 'no {kind} model was in force before this one',
    hint: 'see: model show',
  },
  PREDICTION_DATA: {
    kind: 'config',
    message: 'nothing can be learned from {path}: {why}',
    hint: 'name a folder of PE files or a table in CSV with columns as in benign_pe.csv, at least {least} files of each kind',
    exit: 7,
  },
  PREDICTION_KEY: {
    kind: 'unavailable',
    message: 'the key {file} that signs models cannot be used ({why})',
    hint: 'it must belong to the user of the gateway and be readable by nobody else; without it a new one is made and models signed before are refused',
    exit: 7,
  },
});
