import { Button, Group, Menu, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Failure } from '../client/Failure.tsx';
import { OutwardIcon } from '../icons.tsx';
import { formatAmount, fromPaise } from '../ledger/amounts.ts';
import { roleWords } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import classes from './Actions.module.css';
import { Field } from './Field.tsx';
import { offered } from './offered.ts';
import type { AllowedAction, Context, PaymentOrder } from './queries.ts';
import { useAct } from './useAct.ts';

const STYLES: Record<AllowedAction['style'], { color: string; variant: string }> = {
  success: { color: 'teal', variant: 'filled' },
  primary: { color: 'indigo', variant: 'filled' },
  warning: { color: 'orange', variant: 'light' },
  danger: { color: 'red', variant: 'light' },
  secondary: { color: 'gray', variant: 'default' },
};

/** Buttons of these styles turn something down or end it: whoever presses one is asked once more. */
const ENDING = new Set<AllowedAction['style']>(['danger', 'secondary']);

/** What the API asks of somebody, and what they may do about it. */
export function Actions({ context }: { context: Context }) {
  const { session } = useSignedIn();
  const { conversation, current_action_data: question, payment_order: order } = context;
  const [open, setOpen] = useState<AllowedAction | null>(null);
  const { asked, field, more } = offered(context);
  const pressed = useRef(false);
  const act = useAct(session, conversation.id, (answer, { action }) => {
    if (answer.input_field) {
      // The click lacked something: ask for it.
      setOpen({ ...action, input_field: answer.input_field });
      return;
    }
    setOpen(null);
    const url = answer.payment_order?.checkout_url;
    if (url) window.open(url, '_blank', 'noopener');
  });

  // What was being filled in belongs to the state it was asked in.
  const { flow_state: state } = conversation;
  const [askedIn, setAskedIn] = useState(state);
  if (askedIn !== state) {
    setAskedIn(state);
    setOpen(null);
    act.clear();
  }
  // The button that was pressed is gone with its state: whoever pressed it by keyboard goes on from what came instead.
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (state && pressed.current && document.activeElement === document.body) section.current?.focus();
    pressed.current = false;
  }, [state]);

  const press = (action: AllowedAction, text: string | null) => {
    pressed.current = true;
    act.press(action, text);
  };
  const choose = (action: AllowedAction, beside: boolean) => {
    act.clear();
    if (action.input_field || ENDING.has(action.style) || beside) setOpen(action);
    else press(action, null);
  };
  const waitsForOther = !question && conversation.awaiting_role !== null;
  if (!question && asked.length === 0 && more.length === 0 && !waitsForOther) return null;
  const title = question ? question.title : waitsForOther ? 'Waiting' : null;

  return (
    <section
      ref={section}
      className={classes.actions}
      aria-label="What you can do"
      tabIndex={-1}
      data-asks={question !== null || undefined}
    >
      {title && (
        <Group justify="space-between" wrap="nowrap" align="start" gap="xs">
          <div>
            <Title order={4} fz="md">
              {title}
            </Title>
            <Text size="sm" c="dimmed">
              {question?.subtitle ?? `It is for ${roleWords(conversation.awaiting_role ?? 'system')} to answer.`}
            </Text>
          </div>
          {more.length > 0 && <More actions={more} onChoose={(action) => choose(action, true)} />}
        </Group>
      )}
      {order && <Checkout order={order} />}
      {open ? (
        <Filling
          key={open.id}
          action={open}
          pending={act.pending !== null}
          onSend={(text) => press(open, text)}
          onCancel={() => {
            setOpen(null);
            act.clear();
          }}
        />
      ) : (
        <>
          {field?.input_field && (
            <Filling
              key={field.id}
              action={field}
              pending={act.pending !== null}
              onSend={(text) => press(field, text)}
            />
          )}
          {asked.length > 0 && (
            <Group gap="xs">
              {asked.map((action) => (
                <Button
                  key={action.id}
                  {...STYLES[action.style]}
                  {...(order && action.id === 'proceed_to_payment' ? { variant: 'default' } : {})}
                  loading={act.pending === action.id}
                  disabled={act.pending !== null && act.pending !== action.id}
                  data-button={action.id}
                  onClick={() => choose(action, false)}
                >
                  {action.text}
                </Button>
              ))}
            </Group>
          )}
        </>
      )}
      <Failure error={act.error} onRetry={act.again} />
    </section>
  );
}

function More({ actions, onChoose }: { actions: AllowedAction[]; onChoose: (action: AllowedAction) => void }) {
  return (
    <Menu position="top-end" withinPortal>
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-sm" flex="none" data-button="more">
          More
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => (
          <Menu.Item
            key={action.id}
            data-button={action.id}
            {...(action.style === 'danger' ? { color: 'red' } : {})}
            onClick={() => onChoose(action)}
          >
            {action.text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

type FillingProps = {
  action: AllowedAction;
  pending: boolean;
  onSend: (text: string | null) => void;
  /** Of what somebody chose to fill; what is asked for anyway stays. */
  onCancel?: () => void;
};

/** A field with its button; without a field, the question whether one means it. */
function Filling({ action, pending, onSend, onCancel }: FillingProps) {
  const form = useRef<HTMLFormElement>(null);
  const chosen = onCancel !== undefined;
  // Whoever chose this goes on in it; what was there anyway does not take the focus from elsewhere.
  useEffect(() => {
    if (chosen) form.current?.querySelector<HTMLElement>('textarea, input, button')?.focus();
  }, [chosen]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = new FormData(event.currentTarget).get('text');
    onSend(text === null ? null : String(text));
  };
  return (
    <form ref={form} onSubmit={submit} aria-label={action.text}>
      <Stack gap="xs">
        {action.input_field ? (
          <Field field={action.input_field} label={action.input_field.placeholder} />
        ) : (
          <Text size="sm">{action.text}? This cannot be taken back.</Text>
        )}
        <Group gap="xs">
          <Button type="submit" {...STYLES[action.style]} loading={pending} data-button={action.id}>
            {action.text}
          </Button>
          {onCancel && (
            <Button variant="subtle" color="gray" onClick={onCancel} disabled={pending}>
              Not now
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Where a payment is made: in a tab of its own, at the provider's page. */
function Checkout({ order }: { order: PaymentOrder }) {
  const amount = formatAmount(fromPaise(order.amount), order.currency);
  const url = order.checkout_url && /^https?:\/\//.test(order.checkout_url) ? order.checkout_url : null;
  return (
    <Stack gap={4} className={classes.checkout}>
      {url ? (
        <Button
          component="a"
          href={url}
          target="_blank"
          rel="noopener"
          color="teal"
          rightSection={<OutwardIcon />}
          data-button="checkout"
        >
          Pay {amount} at the checkout
        </Button>
      ) : (
        <Text size="sm">
          Pay {amount} with {order.provider}: order <code>{order.order_id}</code>
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {url && 'It opens in a new tab. '}This page goes on by itself when the payment has arrived.
      </Text>
    </Stack>
  );
}
