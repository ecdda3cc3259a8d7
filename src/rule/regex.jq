# Regular expressions as jq has them, on natives of our own. A match of `_regex_parts` is an object, what stands between matches a string.

def test(re; flags): _regex_test(re; flags);
def test(re): test(re; null);

def match(re; flags): _regex_matches(re; flags)[];
def match(re): match(re; null);

def _captured: reduce (.captures[] | select(.name != null) | {(.name): .string}) as $x ({}; . + $x);
def capture(re; flags): match(re; flags) | _captured;
def capture(re): capture(re; null);

def scan($re; $flags): match($re; "g" + $flags) | if .captures == [] then .string else [.captures[].string] end;
def scan($re): scan($re; null);

def split($re; $flags): [_regex_parts($re; "g" + $flags)[] | strings];
def splits($re; flags): split($re; flags)[];
def splits($re): splits($re; null);

def sub($re; str; $flags):
  [_regex_parts($re; $flags)[] | if isstring then . else [_captured | str] end] as $parts
  | ([$parts[] | arrays | length] | max) as $results
  | if ($results // 0) == 0 then .
    else range($results) as $i | [$parts[] | if isarray then .[$i] else . end] | _joined end;
def sub($re; str): sub($re; str; null);
def gsub($re; str; $flags): sub($re; str; "g" + $flags);
def gsub($re; str): sub($re; str; "g");

def ascii: [.] | implode;
