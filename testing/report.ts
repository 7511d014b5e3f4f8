/** The three looks of a report. */
export { jsonReport } from './report-json.ts'
export { junitReport } from './report-junit.ts'
export {
  colourPaint,
  formatFileFailure,
  formatReport,
  formatResult,
  type Paint,
  plainPaint,
} from './report-text.ts'
