{{/*
Which secrets each part reads, and so is given. What a part is not given it cannot lose.
The API takes webhooks and makes orders; the worker refunds and pays out, pushes and asks for prices, takes no webhook, and
alone knows Temporal and RabbitMQ; both open secrets that lie in the database; migrations reach the database, Temporal's
namespace and the first administrator. local/chart.test.ts holds these to the settings that each reads.
*/}}
{{- define "tandem.secretsOf.payments" -}}
RAZORPAY_KEY_ID RAZORPAY_KEY_SECRET STRIPE_SECRET_KEY FLUTTERWAVE_SECRET_KEY PAYPAL_CLIENT_ID PAYPAL_CLIENT_SECRET COINBASE_API_KEY
{{- end -}}
{{- define "tandem.secretsOf.webhooks" -}}
RAZORPAY_WEBHOOK_SECRET RAZORPAYX_WEBHOOK_SECRET STRIPE_WEBHOOK_SECRET FLUTTERWAVE_WEBHOOK_SECRET PAYPAL_WEBHOOK_ID COINBASE_WEBHOOK_SECRET
{{- end -}}
{{- define "tandem.secretsOf.pushes" -}}
FCM_SERVICE_ACCOUNT WEB_PUSH_PRIVATE_KEY
{{- end -}}
{{- define "tandem.secretsOf.prices" -}}
COINGECKO_API_KEY COINMARKETCAP_API_KEY BINANCE_API_KEY
{{- end -}}
{{- define "tandem.secretsOf.api" -}}
DATABASE_URL SECRETS_KEY REDIS_URL {{ include "tandem.secretsOf.payments" . }} {{ include "tandem.secretsOf.webhooks" . }} LIVEKIT_API_KEY LIVEKIT_API_SECRET OTEL_EXPORTER_OTLP_HEADERS
{{- end -}}
{{- define "tandem.secretsOf.worker" -}}
DATABASE_URL SECRETS_KEY REDIS_URL AMQP_URL {{ include "tandem.secretsOf.payments" . }} {{ include "tandem.secretsOf.pushes" . }} {{ include "tandem.secretsOf.prices" . }} TEMPORAL_CODEC_KEY TEMPORAL_API_KEY TEMPORAL_TLS_CLIENT_KEY_DATA OTEL_EXPORTER_OTLP_HEADERS
{{- end -}}
{{- define "tandem.secretsOf.migrate" -}}
DATABASE_URL ADMIN_PASSWORD TEMPORAL_API_KEY TEMPORAL_TLS_CLIENT_KEY_DATA
{{- end -}}
