export {
  createInspection,
  type Inspected,
  type Inspection,
  inspectionMetrics,
  type InspectionOptions,
} from './inspection.ts';
