// Written for Sallyport. SPDX-License-Identifier: Apache-2.0
//
// Packers hide what a program does; many honest programs are packed as well. These rules say "low": suspicious.

// Section names are looked for as texts in the header: the module for programs would be run over every file.

rule Packer_UPX
{
    meta:
        description = "Packed with UPX"
        severity = "low"
    strings:
        $mark = "UPX!"
        $section0 = "UPX0\x00"
        $section1 = "UPX1\x00"
        $elf = "$Info: This file is packed with the UPX executable packer"
    condition:
        (uint16(0) == 0x5A4D and $mark and any of ($section*) in (0..4096))
        or (uint32(0) == 0x464C457F and $mark and $elf)
}

rule Packer_By_Section_Names
{
    meta:
        description = "Sections of a program that packers and protectors are known by"
        severity = "low"
    strings:
        $aspack1 = ".aspack\x00"
        $aspack2 = ".adata\x00"
        $aspack3 = "ASPack\x00"
        $mpress = /\.MPRESS[12]/
        $themida = ".themida"
        $winlice = ".winlice"
        $vmprotect = /\.vmp[01]\x00/
        $petite = ".petite\x00"
        $pecompact = "PEC2\x00"
        $enigma = ".enigma1"
        $nspack = /\.nsp[01]\x00/
        $mew = "MEW\x00"
        $fsg = "FSG!\x00"
    condition:
        uint16(0) == 0x5A4D and any of them in (0..4096)
}

rule Program_Injects_Into_Others
{
    meta:
        description = "A program with the texts of an injector and of what it injects for"
        severity = "medium"
    strings:
        $i1 = "VirtualAllocEx" fullword
        $i2 = "WriteProcessMemory" fullword
        $i3 = "CreateRemoteThread" fullword
        $i4 = "NtUnmapViewOfSection" fullword
        $i5 = "SetThreadContext" fullword
        $k1 = "ReflectiveLoader" fullword
        $k2 = "MiniDumpWriteDump" fullword
        $k3 = "sekurlsa" nocase wide ascii
        $k4 = "Meterpreter" nocase wide ascii
    condition:
        uint16(0) == 0x5A4D and ($k1 or $k3 or $k4 or ($i4 and $i5 and $i2)) and 2 of ($i*, $k*)
        and ($k1 or $k3 or $k4)
}
