;; teapot: chooses the status and the headers of the HTTP response.
;;
;; An answer that is a JSON object with a `statusCode` becomes the response; any other is its body, with status 200.
(module
  (import "aerodb_v1" "output_write" (func $output_write (param $ptr i32) (param $len i32)))
  (memory (export "memory") 1)

  (data (i32.const 0) "{\"statusCode\":418,")                                  ;; 18 bytes
  (data (i32.const 18) "\"headers\":{\"Content-Type\":\"text/plain\"},")       ;; 40 bytes
  (data (i32.const 58) "\"body\":\"I am a teapot, short and stout.\\n\"}")    ;; 43 bytes

  (func (export "handler") (result i32)
    (call $output_write (i32.const 0) (i32.const 101))
    (i32.const 0)))
