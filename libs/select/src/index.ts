// Decides what stays: policies over signals, survivors among duplicates, splits.
export { electSurvivors, type Candidate, type ElectionOptions, type Removal } from './elect-survivors.ts';
