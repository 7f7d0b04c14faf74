-- The second wall: even a query that forgot its WHERE sees only the rows of the user whom the transaction names.
-- FORCE holds for the owner of the tables as well (superusers and roles with BYPASSRLS are exempt: don't connect as one).
-- After a transaction the setting is '' rather than NULL on a pooled connection, hence nullif.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'counters', 'projects', 'labels', 'tasks', 'task_labels', 'operations', 'events', 'idempotency_keys', 'settings',
        'saved_filters', 'conversations', 'messages', 'agent_runs', 'tool_calls', 'push_subscriptions', 'webhooks', 'jobs'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I USING (user_id = nullif(current_setting(''app.user_id'', true), ''''))', name);
    END LOOP;
END
$$;

-- Background work across users: jobs in full, events to read and to prune, expired idempotency keys and old operations to prune.
CREATE POLICY worker ON jobs USING (current_setting('app.role', true) = 'worker');
CREATE POLICY worker_read ON events FOR SELECT USING (current_setting('app.role', true) = 'worker');
CREATE POLICY worker_prune ON events FOR DELETE USING (current_setting('app.role', true) = 'worker');
CREATE POLICY worker_read ON idempotency_keys FOR SELECT USING (current_setting('app.role', true) = 'worker');
CREATE POLICY worker_prune ON idempotency_keys FOR DELETE USING (current_setting('app.role', true) = 'worker');
CREATE POLICY worker_read ON operations FOR SELECT USING (current_setting('app.role', true) = 'worker');
CREATE POLICY worker_prune ON operations FOR DELETE USING (current_setting('app.role', true) = 'worker');
