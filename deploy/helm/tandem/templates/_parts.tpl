{{- define "tandem.labels" -}}
app.kubernetes.io/name: tandem
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ include "tandem.component" . }}
{{- end -}}

{{/* A part, or one release of it among several: each is told apart from the others by this, and found by it. */}}
{{- define "tandem.component" -}}
{{- with get .release "buildId" }}{{ $.part }}-{{ . | replace "." "-" }}{{ else }}{{ .part }}{{ end }}
{{- end -}}

{{- define "tandem.image" -}}
{{ .root.Values.image.repository }}:{{ get .release "tag" | default .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{/* What the chart says itself, as the rest of it goes by that. */}}
{{- define "tandem.ownConfig" -}}
NODE_ENV HOST PORT METRICS_PORT PUBLIC_URL TRUST_PROXY WORKER_HOST WORKER_PORT TEMPORAL_ADDRESS TEMPORAL_NAMESPACE TEMPORAL_WORKER_BUILD_ID
{{- end -}}

{{/* What a part is told that is no secret. */}}
{{- define "tandem.config" -}}
NODE_ENV: production
{{- range $name, $value := .root.Values.config }}
{{- if has $name (splitList " " (include "tandem.ownConfig" .)) }}
{{- fail (printf "config.%s: the chart sets it by itself (publicUrl, trustProxy, temporal, worker.releases)." $name) }}
{{- end }}
{{- /* Whose password only the migrations are given. */}}
{{- if or (ne $name "ADMIN_HANDLE") (eq $.part "migrate") }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- if ne .part "migrate" }}
PUBLIC_URL: {{ .root.Values.publicUrl | quote }}
{{- end }}
{{- if eq .part "api" }}
HOST: 0.0.0.0
PORT: "3000"
TRUST_PROXY: {{ .root.Values.trustProxy | quote }}
METRICS_PORT: "3002"
{{- if not (hasKey .root.Values.config "PUSH_PLATFORMS") }}
{{- $platforms := list }}
{{- if get .root.Values.secrets "FCM_SERVICE_ACCOUNT" }}{{ $platforms = append $platforms "fcm" }}{{ end }}
{{- if get .root.Values.secrets "WEB_PUSH_PRIVATE_KEY" }}{{ $platforms = append $platforms "webpush" }}{{ end }}
{{- with $platforms }}
# The keys themselves are the worker's.
PUSH_PLATFORMS: {{ join "," . }}
{{- end }}
{{- end }}
{{- else }}
TEMPORAL_ADDRESS: {{ .root.Values.temporal.address | quote }}
TEMPORAL_NAMESPACE: {{ .root.Values.temporal.namespace | quote }}
{{- end }}
{{- if eq .part "worker" }}
WORKER_HOST: 0.0.0.0
WORKER_PORT: "3001"
{{- with get .release "buildId" }}
TEMPORAL_WORKER_BUILD_ID: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The Secret of a part: ours, with what it reads of what there is, unless there is one of yours. */}}
{{- define "tandem.secret" -}}
{{- if not (index .root.Values.existingSecrets .part) }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ .root.Release.Name }}-{{ .part }}
  labels: {{- include "tandem.labels" . | nindent 4 }}
  {{- if eq .part "migrate" }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "-5"
    helm.sh/hook-delete-policy: before-hook-creation
  {{- end }}
type: Opaque
stringData:
  {{- range $name := splitList " " (include (printf "tandem.secretsOf.%s" .part) .root) }}
  {{- with index $.root.Values.secrets $name }}
  {{ $name }}: {{ . | quote }}
  {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "tandem.environment" -}}
env:
  {{- range $name, $value := include "tandem.config" . | fromYaml }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
envFrom:
  - secretRef:
      name: {{ index .root.Values.existingSecrets .part | default (printf "%s-%s" .root.Release.Name .part) }}
{{- end -}}

{{/* Nobody but us runs in a pod: as nobody, writing nowhere. */}}
{{- define "tandem.pod" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "tandem.container" -}}
image: {{ include "tandem.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{/* A Deployment of API or worker: one more before one goes, spread over nodes, and what changes its secrets begins it anew. */}}
{{- define "tandem.deployment" -}}
{{- $values := index .root.Values .part }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .root.Release.Name }}-{{ include "tandem.component" . }}
  labels: {{- include "tandem.labels" . | nindent 4 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels: {{- include "tandem.labels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "tandem.labels" . | nindent 8 }}
        tandem/part: {{ .part }}
      annotations:
        checksum/secret: {{ include "tandem.secret" (dict "root" .root "part" .part "release" dict) | sha256sum }}
        prometheus.io/scrape: "true"
        prometheus.io/path: /metrics
        prometheus.io/port: {{ get . "metricsPort" | default .port | quote }}
    spec:
      {{- include "tandem.pod" .root | nindent 6 }}
      # It ends within 7 s of being asked; before that, those who send requests have 5 s to hear that it goes.
      terminationGracePeriodSeconds: 20
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "tandem.labels" . | nindent 14 }}
      containers:
        - name: {{ .part }}
          {{- include "tandem.container" . | nindent 10 }}
          command: [node, {{ .part }}/main.ts]
          {{- include "tandem.environment" . | nindent 10 }}
          ports:
            - { name: http, containerPort: {{ .port }} }
            {{- with get . "metricsPort" }}
            # No Service and no Ingress leads there.
            - { name: metrics, containerPort: {{ . }} }
            {{- end }}
          # Nothing it waits for is a reason to start it anew: livez is about the process alone.
          livenessProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 3
            timeoutSeconds: 3
          startupProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 1
            failureThreshold: 60
          lifecycle:
            preStop:
              sleep: { seconds: 5 }
          resources: {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: tmp
          emptyDir: {}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .root.Release.Name }}-{{ include "tandem.component" . }}
  labels: {{- include "tandem.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "tandem.labels" . | nindent 6 }}
{{- end -}}
