{{/*
Which secrets each part reads, and so is given. What a part is not given it cannot lose.
The API takes webhooks and makes orders; the worker refunds and pays out, and alone knows Temporal and RabbitMQ; both open
secrets that lie in the database; migrations reach the database, Temporal's namespace and the first administrator.
*/}}
{{- define "tandem.secretsOf.payments" -}}
RAZORPAY_KEY_ID RAZORPAY_KEY_SECRET RAZORPAY_WEBHOOK_SECRET RAZORPAYX_WEBHOOK_SECRET STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET FLUTTERWAVE_SECRET_KEY FLUTTERWAVE_WEBHOOK_SECRET PAYPAL_CLIENT_ID PAYPAL_CLIENT_SECRET PAYPAL_WEBHOOK_ID COINBASE_API_KEY COINBASE_WEBHOOK_SECRET
{{- end -}}
{{- define "tandem.secretsOf.api" -}}
DATABASE_URL SECRETS_KEY REDIS_URL {{ include "tandem.secretsOf.payments" . }} FCM_SERVICE_ACCOUNT WEB_PUSH_PRIVATE_KEY LIVEKIT_API_KEY LIVEKIT_API_SECRET OTEL_EXPORTER_OTLP_HEADERS
{{- end -}}
{{- define "tandem.secretsOf.worker" -}}
DATABASE_URL SECRETS_KEY REDIS_URL AMQP_URL {{ include "tandem.secretsOf.payments" . }} FCM_SERVICE_ACCOUNT WEB_PUSH_PRIVATE_KEY TEMPORAL_CODEC_KEY TEMPORAL_API_KEY TEMPORAL_TLS_CLIENT_KEY_DATA OTEL_EXPORTER_OTLP_HEADERS
{{- end -}}
{{- define "tandem.secretsOf.migrate" -}}
DATABASE_URL ADMIN_PASSWORD TEMPORAL_API_KEY TEMPORAL_TLS_CLIENT_KEY_DATA
{{- end -}}
