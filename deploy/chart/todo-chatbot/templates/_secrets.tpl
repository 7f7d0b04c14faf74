{{/* Which secrets a program gets, and from which Secret. */}}

{{/* Logical name in the values -> environment variable. */}}
{{- define "todo.secretNames" -}}
databaseUrl: DATABASE_URL
betterAuthSecret: BETTER_AUTH_SECRET
openaiApiKey: OPENAI_API_KEY
openrouterApiKey: OPENROUTER_API_KEY
cohereApiKey: COHERE_API_KEY
vapidPublicKey: VAPID_PUBLIC_KEY
vapidPrivateKey: VAPID_PRIVATE_KEY
smtpUrl: SMTP_URL
{{- end -}}

{{/* "made" by the chart from values, "existing", or "external" by the External Secrets Operator. */}}
{{- define "todo.secretKind" -}}
{{- if .Values.secrets.existingSecret -}}existing
{{- else if .Values.secrets.externalSecret.enabled -}}external
{{- else -}}made
{{- end -}}
{{- end -}}

{{- define "todo.secretName" -}}
{{- .Values.secrets.existingSecret | default (include "todo.ownSecretName" .) -}}
{{- end -}}

{{- define "todo.ownSecretName" -}}
{{- .Values.secrets.name | default (printf "%s-secrets" (include "todo.fullname" .)) -}}
{{- end -}}

{{/*
Keys of the application's Secret as {logical: key}. A Secret made from values holds what has a value; of any other
Secret the chart knows only the keys that `secrets.keys` names. The database's address is left out when the database
is the chart's own.
*/}}
{{- define "todo.secretKeys" -}}
{{- $kind := include "todo.secretKind" . -}}
{{- $keys := dict -}}
{{- range $logical, $env := include "todo.secretNames" . | fromYaml -}}
{{- if and (eq $logical "databaseUrl") (ne $.Values.database.mode "external") -}}
{{- else -}}
{{- $key := index $.Values.secrets.keys $logical -}}
{{- if and (eq $kind "made") (index $.Values.secrets $logical) -}}
{{- $_ := set $keys $logical ($key | default (kebabcase $logical)) -}}
{{- else if and (ne $kind "made") $key -}}
{{- $_ := set $keys $logical $key -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (ne $kind "made") .Values.secrets.keys.betterAuthUrl -}}
{{- $_ := set $keys "betterAuthUrl" .Values.secrets.keys.betterAuthUrl -}}
{{- end -}}
{{- toYaml $keys -}}
{{- end -}}

{{/* Where DATABASE_URL comes from: {name, key}; empty with the pooler, whose address is composed. */}}
{{- define "todo.databaseSecret" -}}
{{- if eq .Values.database.mode "bundled" -}}
name: {{ include "todo.fullname" . }}-postgres
key: database-url
{{- else if eq .Values.database.mode "cnpg" -}}
{{- if not .Values.database.cnpg.pooler.enabled -}}
name: {{ include "todo.fullname" . }}-db-app
key: uri
{{- end -}}
{{- else if hasKey (include "todo.secretKeys" . | fromYaml) "databaseUrl" -}}
name: {{ include "todo.secretName" . }}
key: {{ index (include "todo.secretKeys" . | fromYaml) "databaseUrl" }}
{{- end -}}
{{- end -}}

{{/* Secrets of the backend: {sources: [{name, items: [{env, key}]}]}. */}}
{{- define "todo.backendSecrets" -}}
{{- $sources := list -}}
{{- $names := merge (dict "betterAuthUrl" "BETTER_AUTH_URL") (include "todo.secretNames" . | fromYaml) -}}
{{- $items := list -}}
{{- range $logical, $key := include "todo.secretKeys" . | fromYaml -}}
{{- $items = append $items (dict "env" (index $names $logical) "key" $key) -}}
{{- end -}}
{{- with $items -}}
{{- $sources = append $sources (dict "name" (include "todo.secretName" $) "items" .) -}}
{{- end -}}
{{- if ne .Values.database.mode "external" -}}
{{- with include "todo.databaseSecret" . | fromYaml -}}
{{- $sources = append $sources (dict "name" .name "items" (list (dict "env" "DATABASE_URL" "key" .key))) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "sources" $sources) -}}
{{- end -}}

{{- define "todo.frontendSecrets" -}}
{{- $sources := list -}}
{{- with .Values.frontend.secrets -}}
{{- if and .existingSecret .keys.betterAuthSecret -}}
{{- $sources = append $sources (dict "name" .existingSecret "items" (list (dict "env" "BETTER_AUTH_SECRET" "key" .keys.betterAuthSecret))) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "sources" $sources) -}}
{{- end -}}

{{/* DATABASE_URL through PgBouncer: CloudNativePG's Secret names the cluster itself, so the address is composed. */}}
{{- define "todo.poolerVariables" -}}
{{- if and (eq .Values.database.mode "cnpg") .Values.database.cnpg.pooler.enabled }}
{{- $name := include "todo.fullname" . }}
- name: DATABASE_USER
  valueFrom:
    secretKeyRef:
      name: {{ $name }}-db-app
      key: username
- name: DATABASE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $name }}-db-app
      key: password
- name: DATABASE_URL
  value: postgresql://$(DATABASE_USER):$(DATABASE_PASSWORD)@{{ $name }}-db-pooler:5432/{{ .Values.database.cnpg.database }}
{{- end }}
{{- end -}}
