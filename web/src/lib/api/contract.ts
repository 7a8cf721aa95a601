/** The one door to the wire shapes. Types only: zod must not reach the browser. */
export type {
  ActionStatus,
  ActionView,
  Activity,
  ConditionPlace,
  ConditionStatus,
  ConditionView,
  ExecutionEvent,
  ExecutionStatus,
  ExecutionSummary,
  ExecutionView,
  StageStatus,
  StageView,
} from '../../../../contract/executions.ts';
export type { Comparison } from '../../../../contract/compare.ts';
export type {
  Connection,
  ConnectionHook,
  ConnectionKind,
  ConnectionTest,
  RegisteredHook,
} from '../../../../contract/connections.ts';
export type { Freeze, FreezePreview, FreezeTimes, SaveFreeze } from '../../../../contract/freezes.ts';
export type { ExecutionLiveMessage, PipelineLiveMessage, TenantLiveMessage } from '../../../../contract/live-feed.ts';
export type { CreatedInvitation, Invitation, InvitationView } from '../../../../contract/invitations.ts';
export type { Grant, GrantRole, Member, MemberRole } from '../../../../contract/members.ts';
export type { Tenant } from '../../../../contract/tenant.ts';
export type { Usage } from '../../../../contract/usage.ts';
export type { SignOn, SignOnDomain, SignOnRefusal, SignOnTest } from '../../../../contract/sign-on.ts';
export type { AuthMethods, Membership } from '../../../../contract/tenants.ts';
export type { LogWatcherMessage } from '../../../../contract/log-frames.ts';
export type { PipelineDefinition } from '../../../../contract/pipeline-definition.ts';
export type { Pipeline, PipelineState, PipelineSummary } from '../../../../contract/pipelines.ts';
export type { DefinitionChange, DefinitionDiff } from '../../../../contract/pipeline-diff.ts';
export type { Problem, ProblemCode } from '../../../../contract/problem.ts';
export type { Runner } from '../../../../contract/runner-protocol.ts';
export type { ExecutionWhy, PipelineWhy, Reason } from '../../../../contract/why.ts';
export type { ScheduleView } from '../../../../contract/schedules.ts';
export type { Secret } from '../../../../contract/secrets.ts';
export type { CreatedToken, Me, Token } from '../../../../contract/tokens.ts';
export type { AuditEntry } from '../../../../contract/audit.ts';
export type { Badge } from '../../../../contract/badges.ts';
export type {
  CreatedHook,
  Delivery,
  DeliveryDetails,
  DeliveryVerdict,
  Hook,
  ReplayedDelivery,
  VerdictKind,
  WhyNot,
} from '../../../../contract/deliveries.ts';
export type { Follow } from '../../../../contract/follows.ts';

import type { z } from 'zod';
import type { SaveSignOn as SaveSignOnSchema } from '../../../../contract/sign-on.ts';
import type {
  ChangeConnection as ChangeConnectionSchema,
  CreateConnection as CreateConnectionSchema,
} from '../../../../contract/connections.ts';
import type { CreateHook as CreateHookSchema } from '../../../../contract/deliveries.ts';
import type { FollowRepository as FollowRepositorySchema } from '../../../../contract/follows.ts';
import type { CreateToken as CreateTokenSchema } from '../../../../contract/tokens.ts';
import type {
  PipelineVersion as PipelineVersionSchema,
  Validation as ValidationSchema,
} from '../../../../contract/pipelines.ts';

export type SaveSignOn = z.input<typeof SaveSignOnSchema>;
export type NewToken = z.input<typeof CreateTokenSchema>;
export type NewConnection = z.input<typeof CreateConnectionSchema>;
export type ConnectionChange = z.input<typeof ChangeConnectionSchema>;
export type NewHook = z.input<typeof CreateHookSchema>;
export type FollowOrder = z.input<typeof FollowRepositorySchema>;
export type Validation = z.infer<typeof ValidationSchema>;
export type PipelineVersion = z.infer<typeof PipelineVersionSchema>;

/** Every list of the API. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}
