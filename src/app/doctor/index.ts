export { doctorCommands, doctorDocument, type DoctorEngines } from './doctor.ts';
