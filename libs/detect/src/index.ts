export { findPersonalData, maskFor, maskPersonalData, personalDataVersion } from './personal-data.ts';
export type { PersonalData, PersonalDataType } from './personal-data.ts';
