import { RE2JS, RE2JSException } from 're2js';
import { answering, met, misconfigured, type Progress, type ProviderRun, unmet } from './provider.ts';

const OPERATORS = ['EQ', 'NE', 'CONTAINS', 'MATCHES'] as const;
type Operator = (typeof OPERATORS)[number];

const PATTERN_MAX = 1000;
const SHOWN_MAX = 80;

/**
 * Rule/VariableCheck: compares a variable, already resolved, with a value, as strings (user guide, "VariableCheck"). MATCHES wants
 * the whole text to match, like Java's `matches`. Expressions run on RE2, which needs time linear in the text whatever they say;
 * back references and look-around do not exist there.
 */
export const variableCheck = answering(['Rule/VariableCheck'], ({ configuration }: ProviderRun): Progress => {
  const { Variable: variable, Value: value, Operator: operator = 'EQ' } = configuration;
  if (variable === undefined) {
    return misconfigured('Variable is missing; it is what is checked, like #{src.BranchName}.');
  }
  if (value === undefined) return misconfigured('Value is missing; it is what the variable is compared with.');
  if (!isOperator(operator)) {
    return misconfigured(`Operator is "${operator}"; it must be one of ${OPERATORS.join(', ')}.`);
  }
  const pattern = operator === 'MATCHES' ? compile(value) : undefined;
  if (typeof pattern === 'string') return misconfigured(pattern);
  const what = `"${shortened(variable)}" ${operator} "${shortened(value)}"`;
  return compare(operator, variable, value, pattern) ? met(`${what} holds.`) : unmet(`${what} does not hold.`);
});

function compare(operator: Operator, variable: string, value: string, pattern: RE2JS | undefined): boolean {
  switch (operator) {
    case 'EQ':
      return variable === value;
    case 'NE':
      return variable !== value;
    case 'CONTAINS':
      return variable.includes(value);
    case 'MATCHES':
      return pattern?.matches(variable) === true;
  }
}

/** The expression, or what is wrong with it. */
function compile(text: string): RE2JS | string {
  if (text.length > PATTERN_MAX) return `Value is an expression of more than ${PATTERN_MAX} characters.`;
  try {
    return RE2JS.compile(text);
  } catch (error) {
    if (error instanceof RE2JSException) return `Value is no regular expression: ${error.message}.`;
    throw error;
  }
}

function isOperator(text: string): text is Operator {
  return (OPERATORS as readonly string[]).includes(text);
}

function shortened(text: string): string {
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}
