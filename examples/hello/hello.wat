;; hello: greets whoever the payload names.
;;
;;   {"name": "World"}   ->   {"message":"Hello, World!"}
;;
;; A function is a module that exports a memory and a `handler`. It asks the host for its payload, writes its answer, and
;; returns 0. Everything it may ask for is imported from `aerodb_v1`; numbers and addresses are all i32.
(module
  ;; Copies up to $cap bytes of the payload to $dst, and returns how long the whole payload is.
  (import "aerodb_v1" "input_read" (func $input_read (param $dst i32) (param $cap i32) (result i32)))
  ;; Appends to the answer.
  (import "aerodb_v1" "output_write" (func $output_write (param $ptr i32) (param $len i32)))
  ;; Writes a line to the function's log. Levels: 0 debug, 1 info, 2 warn, 3 error, 4 fatal.
  (import "aerodb_v1" "log" (func $log (param $level i32) (param $ptr i32) (param $len i32)))

  ;; The host reads and writes here, and only where it is told to. The memory must be exported under this name.
  (memory (export "memory") 1)

  ;; Addresses 0 to 1023 hold our texts, the payload begins at 1024.
  (data (i32.const 0) "{\"message\":\"Hello, ")  ;; 19 bytes
  (data (i32.const 32) "!\"}")                     ;; 3 bytes
  (data (i32.const 48) "stranger")                 ;; 8 bytes
  (data (i32.const 64) "saying hello")             ;; 12 bytes
  (global $payload i32 (i32.const 1024))

  ;; The name to greet: by default, the stranger.
  (global $name (mut i32) (i32.const 48))
  (global $name_len (mut i32) (i32.const 8))

  ;; Called once for each invocation. Each has a fresh instance: globals and memory are as they are written above.
  (func (export "handler") (result i32)
    (call $find_name (global.get $payload) (call $read_payload))
    (call $log (i32.const 1) (i32.const 64) (i32.const 12))
    (call $output_write (i32.const 0) (i32.const 19))
    ;; The name is still in the payload, quoted and escaped as JSON wants it: it can be passed on as it stands.
    (call $output_write (global.get $name) (global.get $name_len))
    (call $output_write (i32.const 32) (i32.const 3))
    (i32.const 0))

  ;; Reads the whole payload and returns the address of its end.
  (func $read_payload (result i32)
    (local $len i32)
    (local $missing_pages i32)
    ;; Reading into no space at all only tells the length.
    (local.set $len (call $input_read (i32.const 0) (i32.const 0)))
    ;; A page has 65536 bytes: round up, and grow by what we do not have yet.
    (local.set $missing_pages
      (i32.sub
        (i32.shr_u
          (i32.add (i32.add (global.get $payload) (local.get $len)) (i32.const 65535))
          (i32.const 16))
        (memory.size)))
    (if (i32.gt_s (local.get $missing_pages) (i32.const 0))
      (then
        ;; Growing beyond the function's memory limit answers -1; nothing sensible can be done then.
        (if (i32.eq (memory.grow (local.get $missing_pages)) (i32.const -1))
          (then (unreachable)))))
    (drop (call $input_read (global.get $payload) (local.get $len)))
    (i32.add (global.get $payload) (local.get $len)))

  ;; Looks through the JSON from $p to $end for "name": "…" in the outermost object, and remembers where the text is.
  (func $find_name (param $p i32) (param $end i32)
    (local $char i32)
    (local $depth i32)
    (local $text i32)
    (local $quote i32)
    (loop $next
      (if (i32.ge_u (local.get $p) (local.get $end)) (then (return)))
      (local.set $char (i32.load8_u (local.get $p)))
      (if (i32.ne (local.get $char) (i32.const 0x22))  ;; not a "
        (then
          ;; '[' and '{' differ in one bit, and so do ']' and '}'.
          (if (i32.eq (i32.or (local.get $char) (i32.const 0x20)) (i32.const 0x7b))
            (then (local.set $depth (i32.add (local.get $depth) (i32.const 1)))))
          (if (i32.eq (i32.or (local.get $char) (i32.const 0x20)) (i32.const 0x7d))
            (then (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (br $next)))
      ;; A string. It is the key we look for if it says name, and a colon follows, and we are in the outermost object.
      (local.set $text (i32.add (local.get $p) (i32.const 1)))
      (local.set $quote (call $string_end (local.get $text) (local.get $end)))
      (local.set $p (call $skip_blank (i32.add (local.get $quote) (i32.const 1)) (local.get $end)))
      (br_if $next (i32.ne (local.get $depth) (i32.const 1)))
      (br_if $next (i32.ne (i32.sub (local.get $quote) (local.get $text)) (i32.const 4)))
      (br_if $next (i32.ne (i32.load (local.get $text)) (i32.const 0x656d616e)))  ;; "name", lowest byte first
      (br_if $next (i32.ge_u (local.get $p) (local.get $end)))
      (br_if $next (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x3a)))        ;; :
      (local.set $p (call $skip_blank (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
      ;; Only a string will do for a value.
      (br_if $next (i32.ge_u (local.get $p) (local.get $end)))
      (br_if $next (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x22)))
      (local.set $text (i32.add (local.get $p) (i32.const 1)))
      (local.set $quote (call $string_end (local.get $text) (local.get $end)))
      (if (i32.lt_u (local.get $quote) (local.get $end))
        (then
          (global.set $name (local.get $text))
          (global.set $name_len (i32.sub (local.get $quote) (local.get $text)))))))

  ;; From inside a string to its closing quote, or to $end if it is not closed.
  (func $string_end (param $p i32) (param $end i32) (result i32)
    (loop $next
      (if (i32.ge_u (local.get $p) (local.get $end)) (then (return (local.get $end))))
      (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x22)) (then (return (local.get $p))))
      ;; A backslash takes the character after it along.
      (local.set $p
        (i32.add
          (local.get $p)
          (select
            (i32.const 2)
            (i32.const 1)
            (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x5c)))))
      (br $next))
    (unreachable))

  ;; Over spaces, tabs and line ends.
  (func $skip_blank (param $p i32) (param $end i32) (result i32)
    (loop $next
      (if (i32.ge_u (local.get $p) (local.get $end)) (then (return (local.get $p))))
      (if (i32.gt_u (i32.load8_u (local.get $p)) (i32.const 0x20)) (then (return (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br $next))
    (unreachable)))
