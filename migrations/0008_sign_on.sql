CREATE TABLE `proven_domain` (
	`domain` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`proven_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sign_on_attempt` (
	`tenant_id` text NOT NULL,
	`state` text NOT NULL,
	`binding` text NOT NULL,
	`connection_id` text NOT NULL,
	`issuer` text NOT NULL,
	`nonce` text NOT NULL,
	`verifier` text NOT NULL,
	`return_to` text NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `state`)
);
--> statement-breakpoint
CREATE TABLE `sign_on_connection` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`issuer` text NOT NULL,
	`client_id` text NOT NULL,
	`data_key_id` text NOT NULL,
	`iv` text NOT NULL,
	`sealed` text NOT NULL,
	`default_role` text NOT NULL,
	`is_required` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sign_on_domain` (
	`tenant_id` text NOT NULL,
	`domain` text NOT NULL,
	`token` text NOT NULL,
	`added_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `domain`)
);
--> statement-breakpoint
CREATE TABLE `sign_on_identity` (
	`tenant_id` text NOT NULL,
	`connection_id` text NOT NULL,
	`issuer` text NOT NULL,
	`subject` text NOT NULL,
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `connection_id`, `issuer`, `subject`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sign_on_identity_user` ON `sign_on_identity` (`tenant_id`,`connection_id`,`issuer`,`user_id`);--> statement-breakpoint
ALTER TABLE `session` ADD `sign_on_tenant` text;--> statement-breakpoint
ALTER TABLE `session` ADD `sign_on_connection` text;