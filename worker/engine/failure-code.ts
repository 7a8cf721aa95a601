/** AWS's failure types for jobs, and the ones that AWS leaves without a name. */
export type FailureCode =
  | 'JobFailed'
  | 'ConfigurationError'
  | 'PermissionError'
  | 'RevisionUnavailable'
  | 'SystemUnavailable'
  | 'TimedOut'
  | 'Rejected'
  | 'ApprovalExpired'
  | 'RevisionOutOfSync'
  /** A rule's own verdict: it was evaluated, and it does not hold. */
  | 'ConditionUnmet'
  | 'RunnerLost';
