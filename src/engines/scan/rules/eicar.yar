rule EICAR_Test_File
{
    meta:
        description = "The anti-malware test file of EICAR"
        author = "Sallyport"
        license = "Apache-2.0"
        severity = "critical"
    strings:
        $start = { 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D }
        $text = "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    condition:
        $start at 0 and $text
}
