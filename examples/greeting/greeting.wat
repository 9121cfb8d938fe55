;; greeting: answers with the variable GREETING, which is set when the function is deployed.
(module
  ;; Looks a variable up by its name. Returns the length of its value, or a negative number: -1 says there is none.
  (import "aerodb_v1" "env_get" (func $env_get (param $key i32) (param $len i32) (result i32)))
  ;; Copies up to $cap bytes of what the last call to the host brought, here the value; returns its whole length.
  (import "aerodb_v1" "result_read" (func $result_read (param $dst i32) (param $cap i32) (result i32)))
  (import "aerodb_v1" "output_write" (func $output_write (param $ptr i32) (param $len i32)))
  (import "aerodb_v1" "log" (func $log (param $level i32) (param $ptr i32) (param $len i32)))
  (memory (export "memory") 1)

  (data (i32.const 0) "GREETING")                           ;; 8 bytes
  (data (i32.const 16) "the variable GREETING is not set")  ;; 32 bytes
  (data (i32.const 64) "Hello")                             ;; 5 bytes

  (func (export "handler") (result i32)
    (local $len i32)
    (local.set $len (call $env_get (i32.const 0) (i32.const 8)))
    (if (i32.lt_s (local.get $len) (i32.const 0))
      (then
        (call $log (i32.const 2) (i32.const 16) (i32.const 32))
        (call $output_write (i32.const 64) (i32.const 5))
        (return (i32.const 0))))
    ;; There is room for 60000 bytes. A longer value is a function error: any result but 0 is one.
    (if (i32.gt_u (local.get $len) (i32.const 60000))
      (then (return (i32.const 1))))
    (drop (call $result_read (i32.const 1024) (local.get $len)))
    (call $output_write (i32.const 1024) (local.get $len))
    (i32.const 0)))
