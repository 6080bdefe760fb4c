/** Passkeys: what the server offers, what the browser makes of it, and back. */
import { useMutation } from "@tanstack/react-query";
import { call, http } from "@/api/client";
import { useConfig } from "./config";
import { forgetWhoWeWere } from "./session";

/** Why no passkey was used or made, in words for people. */
export class PasskeyFailed extends Error {}

/** Whether passkeys work here: in this browser, and at this address. */
export function useCanUsePasskeys(): boolean {
  const { features } = useConfig();
  return features.passkey_origin === location.origin && isSupported();
}

function isSupported(): boolean {
  return (
    typeof PublicKeyCredential === "function" &&
    typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function" &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function"
  );
}

/** Have the browser make a passkey and the server keep it under a name. */
export async function addPasskey(name: string): Promise<void> {
  const { options } = await call(http.POST("/v1/me/passkeys/options"));
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const made = await asked(navigator.credentials.create({ publicKey }));
  await call(http.POST("/v1/me/passkeys", { body: { credential: plain(made), name } }));
}

export function useLogInByPasskey() {
  return useMutation({
    mutationFn: async () => {
      const { options } = await call(http.POST("/v1/auth/passkey/options"));
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
        options as unknown as PublicKeyCredentialRequestOptionsJSON,
      );
      const found = await asked(navigator.credentials.get({ publicKey }));
      return call(
        http.POST("/v1/auth/passkey", {
          body: { credential: plain(found), cookie: true, end_oldest: true },
        }),
      );
    },
    onSuccess: forgetWhoWeWere,
  });
}

function plain(credential: PublicKeyCredential): Record<string, unknown> {
  return credential.toJSON() as unknown as Record<string, unknown>;
}

/** Wait for the browser's answer. Browsers say the same for "no", "too late" and "there is none": so do we. */
async function asked(answer: Promise<Credential | null>): Promise<PublicKeyCredential> {
  let found: Credential | null;
  try {
    found = await answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "InvalidStateError")
      throw new PasskeyFailed("This device has a passkey for this account already.");
    throw new PasskeyFailed("No passkey was used: it was declined, took too long, or there is none here.");
  }
  if (!(found instanceof PublicKeyCredential)) throw new PasskeyFailed("The browser gave no passkey.");
  return found;
}
