{{/* The migration: one container, wrapped as hook Job, ordinary Job or init container. */}}

{{/* hook | job | init | none, with "auto" resolved. */}}
{{- define "todo.migrationsMode" -}}
{{- if not .Values.backend.enabled -}}none
{{- else if ne .Values.migrations.mode "auto" -}}{{ .Values.migrations.mode }}
{{- else if eq .Values.database.mode "external" -}}hook
{{- else -}}job
{{- end -}}
{{- end -}}

{{/* True when Helm itself runs the hook: then nothing of the release exists yet, and the hook must bring what it needs. */}}
{{- define "todo.migrationsHelmHook" -}}
{{- if and (eq (include "todo.migrationsMode" .) "hook") (not .Values.gitops.argocd) -}}true{{- end -}}
{{- end -}}

{{/*
Helm does not own what its hooks create, and refuses to take such objects over. So the ordinary Job's objects have other
names than the hook's, and migrations.mode may change from one upgrade to the next.
*/}}
{{- define "todo.migrationsName" -}}
{{- include "todo.componentName" (dict "root" . "component" "backend") }}-{{ ternary "migrate" "schema" (eq (include "todo.migrationsHelmHook" .) "true") }}
{{- end -}}

{{/*
Annotations of the migration's objects: (dict "root" $ "weight" -10). Prerequisites weigh -10 and the Job 0; always
"before-hook-creation", because with "hook-succeeded" alone an interrupted run would block every later upgrade.
*/}}
{{- define "todo.migrationsAnnotations" -}}
{{- if include "todo.migrationsHelmHook" .root -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ .weight | quote }}
{{- if and .job .root.Values.migrations.deleteSucceeded }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- else }}
helm.sh/hook-delete-policy: before-hook-creation
{{- end }}
{{- if .job }}
helm.sh/hook-output-log-policy: hook-failed
{{- end }}
{{- else if and .job .root.Values.gitops.argocd (eq (include "todo.migrationsMode" .root) "hook") -}}
argocd.argoproj.io/hook: Sync
argocd.argoproj.io/hook-delete-policy: BeforeHookCreation{{ if .root.Values.migrations.deleteSucceeded }},HookSucceeded{{ end }}
{{- end -}}
{{- end -}}

{{/* Secret of the migration: DATABASE_URL alone. */}}
{{- define "todo.migrationsSecrets" -}}
{{- $source := include "todo.databaseSecret" . | fromYaml -}}
{{- if eq .Values.database.mode "cnpg" -}}
{{- $source = dict "name" (printf "%s-db-app" (include "todo.fullname" .)) "key" "uri" -}}
{{- else if and (include "todo.migrationsHelmHook" .) (ne (include "todo.secretKind" .) "existing") -}}
{{- $source = dict "name" (printf "%s-env" (include "todo.migrationsName" .)) "key" $source.key -}}
{{- end -}}
{{- $sources := list -}}
{{- if $source.name -}}
{{- $sources = list (dict "name" $source.name "items" (list (dict "env" "DATABASE_URL" "key" $source.key))) -}}
{{- end -}}
{{- toYaml (dict "sources" $sources) -}}
{{- end -}}

{{- define "todo.migrateContainer" -}}
{{- $ := .root -}}
{{- $secrets := get (include "todo.migrationsSecrets" $ | fromYaml) "sources" -}}
{{- $files := ternary $secrets (list) (eq $.Values.secrets.mount "files") -}}
name: migrate
image: {{ include "todo.image" (dict "root" $ "image" $.Values.backend.image) }}
imagePullPolicy: {{ $.Values.backend.image.pullPolicy }}
args: [migrate, --wait-db={{ $.Values.migrations.waitForDatabase }}]
env:
  - name: LOG_LEVEL
    value: {{ include "todo.logLevel" $ }}
  - name: LOG_FORMAT
    value: {{ $.Values.config.logFormat }}
  {{- include "todo.secretVariables" (dict "root" $ "secrets" $secrets) | nindent 2 }}
resources:
  {{- toYaml $.Values.migrations.resources | nindent 2 }}
securityContext:
  {{- include "todo.containerSecurity" $ | nindent 2 }}
volumeMounts:
  {{- include "todo.volumeMounts" (dict "root" $ "secrets" $files) | nindent 2 }}
{{- end -}}

{{- define "todo.migrateJobSpec" -}}
{{- $secrets := get (include "todo.migrationsSecrets" . | fromYaml) "sources" -}}
{{- $files := ternary $secrets (list) (eq .Values.secrets.mount "files") -}}
backoffLimit: {{ .Values.migrations.backoffLimit }}
activeDeadlineSeconds: {{ .Values.migrations.activeDeadlineSeconds }}
ttlSecondsAfterFinished: {{ .Values.migrations.ttlSecondsAfterFinished }}
template:
  metadata:
    labels:
      {{- include "todo.podLabels" (dict "root" . "component" "migrate") | nindent 6 }}
    {{- with .Values.commonAnnotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    restartPolicy: Never
    serviceAccountName: {{ include "todo.migrationsName" . }}
    {{- include "todo.podDefaults" . | nindent 4 }}
    {{- with .Values.backend.priorityClassName }}
    priorityClassName: {{ . }}
    {{- end }}
    {{- with .Values.backend.nodeSelector }}
    nodeSelector:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.backend.nodeAffinity }}
    affinity:
      nodeAffinity:
        {{- toYaml . | nindent 8 }}
    {{- end }}
    {{- with .Values.backend.tolerations }}
    tolerations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    containers:
      - {{- include "todo.migrateContainer" (dict "root" .) | nindent 8 }}
    volumes:
      {{- include "todo.volumes" (dict "root" . "secrets" $files) | nindent 6 }}
{{- end -}}
