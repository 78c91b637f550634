import type { TargetedInputEvent } from 'preact';
import { useState } from 'preact/hooks';
import { words } from '../words/words.ts';

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly type: 'email' | 'password' | 'text';
  readonly autocomplete: string;
  readonly value: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  onInput(value: string): void;
}

/** A labelled input; what is wrong with it is said with it. A password can be shown. */
export function Field(props: FieldProps) {
  const { name, label, type, autocomplete, value, hint, fault } = props;
  const [isShown, setShown] = useState(false);
  const noteId = fault || hint ? `${name}-note` : undefined;
  const attributes = {
    id: name,
    name,
    autocomplete,
    autocapitalize: 'off',
    spellcheck: false,
    required: true,
    value,
    'aria-invalid': fault !== undefined,
    'aria-describedby': noteId,
    onInput: ({ currentTarget }: TargetedInputEvent<HTMLInputElement>) =>
      props.onInput(currentTarget.value),
  } as const;
  const input = () => {
    if (type === 'email') return <input type="email" {...attributes} />;
    if (type === 'text' || isShown) return <input type="text" {...attributes} />;
    return <input type="password" {...attributes} />;
  };
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <div class="field-input">
        {input()}
        {type === 'password' && (
          <button
            type="button"
            class="quiet field-show"
            aria-pressed={isShown}
            aria-label={`${isShown ? words.value.hidePassword : words.value.showPassword}: ${label}`}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? words.value.hidePassword : words.value.showPassword}
          </button>
        )}
      </div>
      {(fault || hint) && (
        <p id={noteId} class={fault ? 'fault' : 'hint'}>
          {fault ?? hint}
        </p>
      )}
    </div>
  );
}
