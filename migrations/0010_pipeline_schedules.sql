ALTER TABLE `pipeline` ADD `next_schedule_at` integer;--> statement-breakpoint
CREATE INDEX `pipeline_by_schedule` ON `pipeline` (`tenant_id`,`next_schedule_at`) WHERE next_schedule_at IS NOT NULL;