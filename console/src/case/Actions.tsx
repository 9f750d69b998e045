import { Button, Group, Menu, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Failure } from '../client/Failure.tsx';
import { OutwardIcon } from '../icons.tsx';
import { formatAmount, fromPaise } from '../money/amounts.ts';
import type { Session } from '../session/session.ts';
import classes from './Actions.module.css';
import { FieldInput, filledIn } from './FieldInput.tsx';
import { offered } from './offered.ts';
import type { Action, Case } from './queries.ts';
import { type Filled, foresee, useAct } from './useAct.ts';

const STYLES: Record<Action['style'], { color: string; variant: string }> = {
  success: { color: 'teal', variant: 'filled' },
  primary: { color: 'indigo', variant: 'filled' },
  warning: { color: 'orange', variant: 'light' },
  danger: { color: 'red', variant: 'light' },
  secondary: { color: 'gray', variant: 'default' },
};

/** Buttons of these styles turn something down or end it: whoever presses one is asked once more. */
const ENDING = new Set<Action['style']>(['danger', 'secondary']);

/** What is asked of somebody, what money does when they agree, and what else they may do. */
export function Actions({ session, seen }: { session: Session; seen: Case }) {
  const { ask, awaiting, payment_order: order, silence, ended } = seen;
  const { asked, field, more } = offered(seen);
  const { section, act, open, choose, press, leave } = useChoosing(session, seen);
  const waitsForOther = !ask && awaiting !== null;
  if (!ask && asked.length === 0 && !field && more.length === 0 && !waitsForOther) return null;
  const chosen = open ?? field;
  // What ends something says what it costs once it is chosen: beside the other buttons it would be read as theirs.
  const agreeing = asked.filter(({ style }) => !ENDING.has(style));
  const told = agreeing.map(({ consequence }) => consequence).find(Boolean) ?? null;

  return (
    <section
      ref={section}
      className={classes.actions}
      aria-label={`What you can do as ${seen.my_role.replaceAll('_', ' ')}`}
      tabIndex={-1}
      data-asks={ask !== null || undefined}
    >
      <Asked seen={seen} more={more} onChoose={(action) => choose(action, true)} />
      <Consequence text={open ? null : (told ?? (ended || ask ? null : silence))} />
      {order && <Checkout order={order} />}
      {chosen && (
        <Filling
          key={`${chosen.name} ${seen.history.filter(({ command }) => command === chosen.name).length}`}
          session={session}
          caseId={seen.id}
          action={chosen}
          pending={act.pending !== null}
          onSend={(filled) => press(chosen, filled)}
          {...(open ? { onCancel: leave } : {})}
        />
      )}
      {!open && asked.length > 0 && (
        <Group gap="xs">
          {asked.map((action) => (
            <Button
              key={action.name}
              {...STYLES[action.style]}
              {...(order && action.name === 'proceed_to_payment' ? { variant: 'default' } : {})}
              loading={act.pending === action.name}
              disabled={act.pending !== null && act.pending !== action.name}
              data-button={action.name}
              onClick={() => choose(action, action.consequence !== null && !leadsOn(action))}
            >
              {action.label}
            </Button>
          ))}
        </Group>
      )}
      <Failure error={act.error} onRetry={act.again} />
    </section>
  );
}

/** It leads to a page at which one is asked anyway. */
function leadsOn({ name }: Action): boolean {
  return name === 'proceed_to_payment';
}

/** Pressing buttons, and what was chosen and waits to be filled in or confirmed. */
function useChoosing(session: Session, { id, state }: Case) {
  const [open, setOpen] = useState<Action | null>(null);
  const pressed = useRef(false);
  const act = useAct(session, id, (answer, { action }) => {
    setOpen(null);
    const url = answer.payment_order?.checkout_url;
    if (url && leadsOn(action)) window.open(url, '_blank', 'noopener');
  });

  // What was being filled in belongs to the state it was asked in.
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

  const press = (action: Action, filled: Filled) => {
    pressed.current = true;
    act.press(action, filled);
  };
  return {
    section,
    act,
    open,
    press,
    /** Presses a button, or asks first: for what it needs, or whether one means it. */
    choose: (action: Action, askFirst: boolean) => {
      act.clear();
      if (action.input || ENDING.has(action.style) || askFirst) setOpen(action);
      else press(action, {});
    },
    leave: () => {
      setOpen(null);
      act.clear();
    },
  };
}

/** The question, or whose it is to answer, with what may be done beside it. */
function Asked({ seen, more, onChoose }: { seen: Case; more: Action[]; onChoose: (action: Action) => void }) {
  const { ask, awaiting, parties } = seen;
  if (!ask && awaiting === null && more.length === 0) return null;
  const awaited = parties.find(({ role }) => role === awaiting);
  return (
    <Group justify="space-between" wrap="nowrap" align="start" gap="xs">
      <div>
        {(ask || awaiting) && (
          <Title order={3} fz="md">
            {ask?.title ?? 'Waiting'}
          </Title>
        )}
        <Text size="sm" c="dimmed">
          {ask?.subtitle ?? (awaiting && `It is for the ${(awaited?.role_label ?? awaiting).toLowerCase()} to answer.`)}
        </Text>
      </div>
      {more.length > 0 && <More actions={more} onChoose={onChoose} />}
    </Group>
  );
}

/** Who gets what, before a button that moves or promises money. */
function Consequence({ text }: { text: string | null | undefined }) {
  if (!text) return null;
  return (
    <Text size="sm" className={classes.consequence} data-consequence>
      {text}
    </Text>
  );
}

function More({ actions, onChoose }: { actions: Action[]; onChoose: (action: Action) => void }) {
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
            key={action.name}
            data-button={action.name}
            {...(action.style === 'danger' ? { color: 'red' } : {})}
            onClick={() => onChoose(action)}
          >
            {action.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

type FillingProps = {
  session: Session;
  caseId: string;
  action: Action;
  pending: boolean;
  onSend: (filled: Filled) => void;
  /** Of what somebody chose to fill; what is asked for anyway stays. */
  onCancel?: () => void;
};

/** How long after the last key what it comes to is asked, in ms. */
const PAUSE = 200;

/** An action's fields with its button; without fields, the question whether one means it. */
function Filling({ session, caseId, action, pending, onSend, onCancel }: FillingProps) {
  const form = useRef<HTMLFormElement>(null);
  const fields = action.input ?? [];
  const chosen = onCancel !== undefined;
  const { ahead, watch } = useAhead(session, caseId, action);
  // Whoever chose this goes on in it; what was there anyway does not take the focus from elsewhere.
  useEffect(() => {
    if (chosen) form.current?.querySelector<HTMLElement>('textarea, input:not([type="hidden"]), button')?.focus();
  }, [chosen]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSend(filledIn(event.currentTarget, fields));
  };
  return (
    <form ref={form} onSubmit={submit} onInput={watch} onKeyUp={watch} onPointerUp={watch} aria-label={action.label}>
      <Stack gap="xs">
        {fields.map((field) => (
          <FieldInput key={field.id} field={field} />
        ))}
        {fields.length === 0 && <Text size="sm">{action.label}? This cannot be taken back.</Text>}
        <Consequence text={ahead ?? action.consequence} />
        <Group gap="xs">
          <Button type="submit" {...STYLES[action.style]} loading={pending} data-button={action.name}>
            {action.label}
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

/** What an amount or a share that is being chosen would come to. */
function useAhead(session: Session, caseId: string, action: Action) {
  const [ahead, setAhead] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const asked = useRef('');
  useEffect(() => () => clearTimeout(timer.current), []);
  const fields = (action.input ?? []).filter(({ type }) => type === 'amount' || type === 'percent');
  const watch = ({ currentTarget: form }: { currentTarget: HTMLFormElement }) => {
    if (fields.length === 0) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const filled = filledIn(form, fields);
      const now = JSON.stringify(filled);
      if (asked.current === now) return;
      asked.current = now;
      foresee(session, caseId, action, filled).then(
        // What was asked before the last key says nothing any more.
        (told) => asked.current === now && setAhead(told),
        () => {},
      );
    }, PAUSE);
  };
  return { ahead, watch };
}

/** Where a payment is made: in a tab of its own, at the provider's page. */
function Checkout({ order }: { order: NonNullable<Case['payment_order']> }) {
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
