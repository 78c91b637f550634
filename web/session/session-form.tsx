import type { TargetedSubmitEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Problem } from '../api/problem.ts';
import { announce } from '../page/announcer.tsx';
import { problemText } from '../page/problem-text.ts';
import { words } from '../words/words.ts';
import { Field } from './field.tsx';
import { formFaults, type SessionForm as Given, type SessionField } from './form-faults.ts';
import type { Session } from './session.ts';

interface SessionFormProps {
  readonly session: Session;
  readonly isExpired: boolean;
  register(given: Given): Promise<void>;
}

/** Signs in, or makes an account and signs in. */
export function SessionForm({ session, isExpired, register }: SessionFormProps) {
  const said = words.value;
  const form = useRef<HTMLFormElement>(null);
  const [isNew, setNew] = useState(false);
  const [given, setGiven] = useState<Given>({ email: '', password: '', fullName: '' });
  const [faults, setFaults] = useState<Partial<Record<SessionField, string>>>({});
  const [problem, setProblem] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  function point(found: Partial<Record<SessionField, string>>, first: string): void {
    setFaults(found);
    form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
  }

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setProblem(undefined);
    const found = formFaults(said, given, isNew);
    const [first] = Object.keys(found);
    if (first !== undefined) return point(found, first);
    setFaults({});
    setBusy(true);
    const { password } = given;
    const email = given.email.trim();
    try {
      if (isNew) await register({ ...given, email });
      await session.signIn({ email, password });
      announce(words.value.signedIn);
    } catch (error) {
      setProblem(error);
      setBusy(false);
      announce(problemText(words.value, error));
      const isAbout = error instanceof Problem && error.code === 'email-taken';
      form.current
        ?.querySelector<HTMLInputElement>(isAbout ? '[name=email]' : '[name=password]')
        ?.focus();
    }
  }

  const field = (name: SessionField) => ({
    name,
    value: given[name],
    fault: faults[name],
    onInput: (value: string) => setGiven({ ...given, [name]: value }),
  });
  return (
    <form class="card session-form" ref={form} noValidate onSubmit={(event) => void submit(event)}>
      <h2>{isNew ? said.register : said.signIn}</h2>
      {isExpired && !isNew && <p class="notice">{said.sessionExpired}</p>}
      {problem !== undefined && <p class="notice fault-notice">{problemText(said, problem)}</p>}
      {isNew && (
        <Field {...field('fullName')} label={said.fullName} type="text" autocomplete="name" />
      )}
      <Field {...field('email')} label={said.email} type="email" autocomplete="username" />
      <Field
        {...field('password')}
        label={said.password}
        type="password"
        autocomplete={isNew ? 'new-password' : 'current-password'}
        hint={isNew ? said.passwordRule : undefined}
      />
      <button type="submit" class="primary" aria-disabled={isBusy}>
        {submitLabel(isNew, isBusy)}
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          setNew(!isNew);
          setFaults({});
          setProblem(undefined);
        }}
      >
        {isNew ? said.signInInstead : said.registerInstead}
      </button>
    </form>
  );
}

function submitLabel(isNew: boolean, isBusy: boolean): string {
  const said = words.value;
  if (isBusy) return isNew ? said.registering : said.signingIn;
  return isNew ? said.register : said.signIn;
}
