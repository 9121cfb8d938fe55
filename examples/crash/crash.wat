;; crash: logs a line, then traps, as a failed assertion or a division by zero would. What was logged until then is kept.
(module
  (import "aerodb_v1" "log" (func $log (param $level i32) (param $ptr i32) (param $len i32)))
  (memory (export "memory") 1)

  (data (i32.const 0) "about to crash")  ;; 14 bytes

  (func (export "handler") (result i32)
    (call $log (i32.const 3) (i32.const 0) (i32.const 14))
    (unreachable)))
