export { registerQuiet } from './quiet.ts';
