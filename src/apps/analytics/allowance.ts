export { Allowance } from '../../kernel/allowance.ts';
