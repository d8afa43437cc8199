// Written for Sallyport. SPDX-License-Identifier: Apache-2.0

rule Webshell_PHP_Runs_Input
{
    meta:
        description = "PHP that runs what a request brings"
        severity = "high"
    strings:
        $php = "<?"
        $direct = /\b(eval|assert|system|shell_exec|passthru|exec|popen|proc_open|create_function)\s*\(\s*(@?\s*(base64_decode|gzinflate|gzuncompress|str_rot13|stripslashes|trim|urldecode|hex2bin)\s*\(\s*){0,4}@?\s*\$_(GET|POST|REQUEST|COOKIE|SERVER|FILES)\b/ nocase
        $backtick = /`\s*\{?\s*\$_(GET|POST|REQUEST|COOKIE)\b/
        $variable = /\$_(GET|POST|REQUEST|COOKIE)\s*\[[^\]]{1,40}\]\s*\(\s*@?\$_(GET|POST|REQUEST|COOKIE)\b/
        $callback = /\b(array_map|array_filter|call_user_func|call_user_func_array|usort|register_shutdown_function)\s*\(\s*@?\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    condition:
        $php and any of ($direct, $backtick, $variable, $callback)
}

rule Webshell_PHP_Packed
{
    meta:
        description = "PHP that unpacks a long text several times over and runs it"
        severity = "high"
    strings:
        $php = "<?"
        // The text stands right behind: a search for long texts alone would stop at every quotation mark of every file.
        $nest = /\b(eval|assert)\s*\(\s*@?\s*(gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|convert_uudecode)\s*\(\s*@?\s*((gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|convert_uudecode)\s*\(\s*@?\s*){1,6}['"][A-Za-z0-9+\/=]{300}/ nocase
    condition:
        $php and $nest
}

rule Webshell_ASPX_Runs_Input
{
    meta:
        description = "ASP.NET that runs what a request brings"
        severity = "high"
    strings:
        $page = /<%@\s*(Page|WebHandler|WebService)\b/ nocase
        $eval = /\beval\s*\(\s*(System\.Text\.Encoding\.\w+\.GetString\s*\(\s*)?(System\.)?(Convert\.FromBase64String\s*\(\s*)?Request\b/ nocase
        $start1 = "ProcessStartInfo" nocase
        $start2 = /Process\.Start\s*\(/ nocase
        $cmd = /["'](\/c|cmd(\.exe)?|powershell(\.exe)?)\b/ nocase
        $input = /\bRequest\s*(\.|\[)\s*(Form|QueryString|Params|Item|Headers|["'])/ nocase
        $load = /Assembly\.Load\s*\(/ nocase
    condition:
        $page and ($eval or ($input and $cmd and any of ($start*)) or ($input and $load))
}

rule Webshell_ASP_Runs_Input
{
    meta:
        description = "Classic ASP that runs what a request brings"
        severity = "high"
    strings:
        $asp = "<%"
        $run = /\b(eval|execute|executeglobal)\s*\(?\s*request\s*(\.\w+)?\s*\(/ nocase
    condition:
        $asp and $run
}

rule Webshell_JSP_Runs_Input
{
    meta:
        description = "JSP that starts a program that a request names, or loads a class from it"
        severity = "high"
    strings:
        $jsp = "<%"
        $input = /request\s*\.\s*(getParameter|getHeader|getReader|getInputStream)\s*\(/
        $exec1 = /Runtime\s*\.\s*getRuntime\s*\(\s*\)\s*\.\s*exec\s*\(/
        $exec2 = /new\s+(java\.lang\.)?ProcessBuilder\s*\(/
        $class = /extends\s+ClassLoader\b/
        $define = "defineClass"
    condition:
        $jsp and $input and (any of ($exec*) or ($class and $define))
}
