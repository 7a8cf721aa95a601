CREATE TABLE `tenant_setting` (
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`value` text NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `name`)
) WITHOUT ROWID;
--> statement-breakpoint
DROP INDEX `execution_live`;--> statement-breakpoint
ALTER TABLE `execution` ADD `revision_id` text;--> statement-breakpoint
ALTER TABLE `execution` ADD `revision_digest` text;--> statement-breakpoint
ALTER TABLE `execution` ADD `branch` text;--> statement-breakpoint
ALTER TABLE `execution` ADD `kind` text DEFAULT 'STANDARD' NOT NULL;--> statement-breakpoint
ALTER TABLE `execution` ADD `origin` text;--> statement-breakpoint
ALTER TABLE `execution` ADD `trigger_type` text GENERATED ALWAYS AS (trigger ->> '$.type') VIRTUAL;--> statement-breakpoint
ALTER TABLE `execution` ADD `trigger_by` text GENERATED ALWAYS AS (trigger ->> '$.by') VIRTUAL;--> statement-breakpoint
CREATE INDEX `execution_by_start` ON `execution` (`tenant_id`,`started_at`);--> statement-breakpoint
CREATE INDEX `execution_of_branch` ON `execution` (`tenant_id`,`branch`,`started_at`) WHERE branch IS NOT NULL;--> statement-breakpoint
CREATE INDEX `execution_unsuccessful` ON `execution` (`tenant_id`,`started_at`) WHERE ended_at IS NOT NULL AND status <> 'Succeeded';--> statement-breakpoint
CREATE INDEX `execution_live` ON `execution` (`tenant_id`,`ended_at`,`started_at`) WHERE ended_at IS NULL;