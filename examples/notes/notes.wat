;; notes: keeps the notes of whoever calls, in a table whose row-level security lets everyone see only their own.
;;
;;   ["buy milk"]   writes a note    ->   {"columns":["id","body"],"rows":[{"id":1,"body":"buy milk"}],"rowCount":1}
;;   (no payload)   reads all        ->   the same, with a row for each note
;;
;; Nothing here says whose notes: the host runs every query with the rights of the caller, and PostgreSQL decides.
(module
  (import "aerodb_v1" "input_read" (func $input_read (param $dst i32) (param $cap i32) (result i32)))
  ;; Runs one SQL statement, with a JSON array of values for $1, $2 and so on, or no bytes for none. Returns the length of the
  ;; answer, or a negative number for an error; either is then read with result_read.
  (import "aerodb_v1" "db_query" (func $db_query
    (param $sql i32) (param $sql_len i32) (param $params i32) (param $params_len i32) (result i32)))
  (import "aerodb_v1" "result_read" (func $result_read (param $dst i32) (param $cap i32) (result i32)))
  (import "aerodb_v1" "output_write" (func $output_write (param $ptr i32) (param $len i32)))
  (memory (export "memory") 2)

  (data (i32.const 0) "SELECT id, body FROM notes ORDER BY id DESC LIMIT 100")         ;; 53 bytes
  (data (i32.const 64) "INSERT INTO notes (body) VALUES ($1) RETURNING id, body")      ;; 55 bytes
  (global $payload i32 (i32.const 1024))

  (func (export "handler") (result i32)
    (local $len i32)
    (local $status i32)
    ;; There is room for 64512 bytes of payload; a longer one is a function error.
    (local.set $len (call $input_read (global.get $payload) (i32.const 64512)))
    (if (i32.gt_u (local.get $len) (i32.const 64512))
      (then (return (i32.const 1))))
    (local.set $status
      (if (result i32) (local.get $len)
        ;; The payload is handed on as it is: values never become part of the SQL, so no quoting can go wrong.
        (then (call $db_query (i32.const 64) (i32.const 55) (global.get $payload) (local.get $len)))
        (else (call $db_query (i32.const 0) (i32.const 53) (i32.const 0) (i32.const 0)))))
    (call $write_result)
    ;; The body of an error is written too: the caller finds it in the answer of the failed call.
    (i32.lt_s (local.get $status) (i32.const 0)))

  ;; Passes on what the query brought, whatever its length.
  (func $write_result
    (local $len i32)
    (local $missing_pages i32)
    (local.set $len (call $result_read (i32.const 0) (i32.const 0)))
    (local.set $missing_pages
      (i32.sub (i32.shr_u (i32.add (local.get $len) (i32.const 65535)) (i32.const 16)) (memory.size)))
    (if (i32.gt_s (local.get $missing_pages) (i32.const 0))
      (then
        (if (i32.eq (memory.grow (local.get $missing_pages)) (i32.const -1))
          (then (unreachable)))))
    ;; Nothing else in the memory is needed any more.
    (drop (call $result_read (i32.const 0) (local.get $len)))
    (call $output_write (i32.const 0) (local.get $len))))
