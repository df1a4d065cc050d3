import { useId, useState } from 'react';
import { deviceKeyObstacle, passkeyObstacle, placeOf } from '../key/obstacle.ts';
import { Notice } from '../part/notice.tsx';

type KeyKind = 'passkey' | 'device';

interface KeyChoiceProps {
  readonly kind: KeyKind | undefined;
  readonly onChoose: (kind: KeyKind) => void;
}

/** Which kinds of key this browser can make on this page; the better one first. */
export function useKeyKind() {
  const place = placeOf(window);
  const noPasskey = passkeyObstacle(place);
  const noDevice = deviceKeyObstacle(place);
  const best: KeyKind | undefined =
    noPasskey === undefined ? 'passkey' : noDevice === undefined ? 'device' : undefined;
  const [kind, setKind] = useState(best);
  return { kind, setKind, noPasskey, noDevice };
}

/** Passkey or device key, and why one of them cannot be had here. */
export function KeyChoice({ kind, onChoose }: KeyChoiceProps) {
  const place = placeOf(window);
  const noPasskey = passkeyObstacle(place);
  const noDevice = deviceKeyObstacle(place);
  return (
    <fieldset className="choice">
      <legend>Your key</legend>
      {noPasskey !== undefined && (
        <Notice title="No passkey can be made here" tone="notice">
          <p>Because {noPasskey}.</p>
        </Notice>
      )}
      <Option
        isOff={noPasskey !== undefined}
        isOn={kind === 'passkey'}
        kind="passkey"
        onChoose={onChoose}
      >
        Kept by this device, your phone or a security key; it asks you for each signature.
      </Option>
      <Option
        isOff={noDevice !== undefined}
        isOn={kind === 'device'}
        kind="device"
        onChoose={onChoose}
      >
        Kept by this browser, and unreadable; whoever uses this browser profile can sign with it.
      </Option>
      {noDevice !== undefined && <p>Because {noDevice}.</p>}
    </fieldset>
  );
}

interface OptionProps {
  readonly kind: KeyKind;
  readonly isOn: boolean;
  readonly isOff: boolean;
  readonly onChoose: (kind: KeyKind) => void;
  readonly children: string;
}

function Option({ kind, isOn, isOff, onChoose, children }: OptionProps) {
  const id = useId();
  return (
    <div className={isOff ? 'option is-off' : 'option'}>
      <input
        aria-describedby={`${id}-more`}
        checked={isOn}
        disabled={isOff}
        id={id}
        name="kind"
        onChange={() => onChoose(kind)}
        type="radio"
      />
      <label htmlFor={id}>{kind === 'passkey' ? 'Passkey' : 'Device key'}</label>
      <p className="quiet" id={`${id}-more`}>
        {children}
      </p>
    </div>
  );
}
