import { Check, Copy as CopyIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "./button";
import { tell } from "./toast";

/** A button that copies a text, which stands elsewhere on the page. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setIsCopied(true);
      setTimeout(() => setIsCopied(false), 2000);
    } catch {
      tell("It could not be copied", "Select the text and copy it by hand.", "bad");
    }
  };
  return (
    <Button
      size="small"
      onClick={() => void copy()}
      icon={isCopied ? <Check size={14} /> : <CopyIcon size={14} />}
    >
      {isCopied ? "Copied" : label}
    </Button>
  );
}

/** A text that one may want elsewhere, whole however little room there is, with a button that copies it. */
export function CopyText({ text, label = "Copy" }: { text: string; label?: string }) {
  return (
    <div className="flex w-full min-w-0 items-center gap-2">
      <code className="min-w-0 flex-1 rounded-md bg-sunken px-2 py-1.5 text-xs break-all">{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
