// Written for Sallyport. SPDX-License-Identifier: Apache-2.0
//
// Macros are found as their source text: the scanner unpacks the VBA streams of documents.

private rule VBA_Source
{
    strings:
        $head = "Attribute VB_" nocase
    condition:
        $head in (0..512)
}

rule Macro_Runs_Command_By_Itself
{
    meta:
        description = "A macro that runs when the document is opened or closed, and starts a program"
        severity = "high"
    strings:
        $auto1 = /\bSub\s+(Auto_?(Open|Close|Exec|New|Exit)|Document_?(Open|Close|New)|Workbook_(Open|Close|Activate|BeforeClose))\b/ nocase
        $run1 = /\bShell\s*[("]/ nocase
        $run2 = "WScript.Shell" nocase
        $run3 = "Shell.Application" nocase
        $run4 = "ShellExecute" nocase
        $run5 = /winmgmts:[^"]{0,80}Win32_Process/ nocase
        $run6 = "Win32_ProcessStartup" nocase
    condition:
        VBA_Source and $auto1 and any of ($run*)
}

rule Macro_Downloads
{
    meta:
        description = "A macro that runs by itself and fetches something from the network"
        severity = "high"
    strings:
        $auto = /\bSub\s+(Auto_?(Open|Close|Exec|New)|Document_?(Open|Close|New)|Workbook_(Open|Activate))\b/ nocase
        $get1 = "URLDownloadToFile" nocase
        $get2 = /MSXML2\.(Server)?XMLHTTP/ nocase
        $get3 = "WinHttp.WinHttpRequest" nocase
        $get4 = "Microsoft.XMLHTTP" nocase
        $save = "ADODB.Stream" nocase
    condition:
        VBA_Source and $auto and ($get1 or ($save and any of ($get2, $get3, $get4)))
}

rule Macro_Calls_Memory_Functions
{
    meta:
        description = "A macro that declares the functions with which code is put into memory and run"
        severity = "high"
    strings:
        $declare = /\bDeclare\s+(PtrSafe\s+)?(Function|Sub)\b/ nocase
        $f1 = "VirtualAlloc" nocase
        $f2 = "RtlMoveMemory" nocase
        $f3 = "CreateThread" nocase
        $f4 = "WriteProcessMemory" nocase
        $f5 = "EnumSystemLocales" nocase
        $f6 = "NtAllocateVirtualMemory" nocase
    condition:
        VBA_Source and $declare and ($f1 or $f4 or $f6) and 2 of ($f*)
}

rule Macro_Hides_Its_Words
{
    meta:
        description = "A macro that runs by itself and puts its texts together from many numbers"
        severity = "medium"
    strings:
        $auto = /\bSub\s+(Auto_?(Open|Close|Exec)|Document_?(Open|Close)|Workbook_Open)\b/ nocase
        $chr = /Chr[W$]?\(\s*\d{1,3}\s*\)\s*&/ nocase
    condition:
        VBA_Source and $auto and #chr > 40
}

rule RTF_Equation_Object
{
    meta:
        description = "RTF with an object of the equation editor, which nothing but exploits has used since 2018"
        severity = "high"
    strings:
        $rtf = "{\\rt"
        $name1 = "Equation.3" nocase
        $name2 = /\\objclass\s+Equation/ nocase
        $hex = "4571756174696f6e2e33" nocase
    condition:
        $rtf at 0 and any of ($name*, $hex)
}

rule OneNote_With_Script
{
    meta:
        description = "A OneNote section with a script or program inside"
        severity = "high"
    strings:
        $embedded = { E7 16 E3 BD 65 26 11 45 A4 C4 8D 4D 0B 7A 9E AC }
        $s1 = "WScript.Shell" nocase
        $s2 = "powershell" nocase
        $s3 = "<HTA:APPLICATION" nocase
        $s4 = "@echo off" nocase
        $pe = "This program cannot be run in DOS mode"
    condition:
        uint32be(0) == 0xE4525C7B and $embedded and any of ($s*, $pe)
}
