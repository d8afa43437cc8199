export {
  createInspection,
  type Inspected,
  type Inspection,
  inspectionMetrics,
  type InspectionOptions,
  type InspectionRefusal,
} from './inspection.ts';
