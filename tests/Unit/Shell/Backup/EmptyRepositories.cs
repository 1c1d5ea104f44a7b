namespace ProdOps.Cmdlets.Tests.Backup;

/// <summary>
/// Two empty repositories as the engine's tests make them: the password is <c>correct horse</c>, its key is cheap to derive (N = 16), and both cut files alike. A
/// test that opens repositories many times would else derive keys for half a minute.
/// </summary>
internal static class EmptyRepositories
{
    private static readonly (string Key, string KeyFile, string Config) Local = (
        "3da01f6d07f3c105525064b576995ee140d103933d0f3facd6290182c200cc6a",
        "eyJjcmVhdGVkIjoiMjAyNi0xMS0yNlQwNTo1NTowMS42OTMxOTA0KzAwOjAwIiwidXNlcm5hbWUiOiJyb290IiwiaG9zdG5hbWUiOiJ2bSIsImtkZiI6InNjcnlwdCIsIk4iOjE2LCJyIjoxLCJwIjoxLCJzYWx0IjoiZ2Y1b2xIQU9yVmJaUjRiakhCN3BKUmZPbUh0RENLV2NGN0h0TWYyYmlvUWduK3hmd0ZwQ2paTHBudVYzZWdRbmg2eWJ2VjJFMmpWR0l4QUxmNWVNV2c9PSIsImRhdGEiOiI4UXYzVmwva2R4SkZ1aHgxS1pXaStPQnIvK0VaRFEvWDJEeGJ3b3VneEZrVStINTRiZFV1SmptZnk5RkF1cmhKVWFMY0J0NFFNZEpYNXdMRGQ4M3ZBc29tRU53cVFUNnJMQ1ZDaEJiUCt3MkNxcEtVQThoU01iQlZmOTNmc2RtOTdDcmgrbnUveVJjSjl1MU85WlBRRytoUHA4VkNFSW1xazJvUDNHWHZROGR4elp2dVBKTW1ISHBvSUtGRWFldko5NnRqV1ZhelRrcFdlYUc1TkJLUmxRPT0ifQ==",
        "FG0q5JK6myScXTbCzzAMyvU3i+XJVIw5w5a5iwKWU9ez0ktb05ytaQ2SIgG7jnLD7FsO9ezpKp+TF0zRbk1v750SWGLwt549jLVJ1yokLqh1JAc5xm6VEY7914OBjSTjydQ3myg5AQGRcIsu918f8QK2t1ghxGypjuV5bDiLPTX2sWSQS6OLpUqsUawBm/blRLu7gFefH/h/kls=");

    private static readonly (string Key, string KeyFile, string Config) Offsite = (
        "21115f73acc6d25c610c0dafca801e6db146d7fdea72ec7fb28c97280ff4f983",
        "eyJjcmVhdGVkIjoiMjAyNi0xMS0yNlQwNTo1NTowMS43OTY1ODU0KzAwOjAwIiwidXNlcm5hbWUiOiJyb290IiwiaG9zdG5hbWUiOiJ2bSIsImtkZiI6InNjcnlwdCIsIk4iOjE2LCJyIjoxLCJwIjoxLCJzYWx0IjoiWW5CS3JyYWhrREVxbXdkV0IrWWpnc3pwN2xJOXdLQTRMK0c4S01QOVp0RVp4eW9KUWtVa2xHbnZ2WDlmUkFJMmRZTTFORHozdS9MZitOb0Q2ZHZ2OXc9PSIsImRhdGEiOiI1cUgzOHdsdjdmT04vM2J0S2xGTHZlZkxUcXVvb3I4c0hCSFkyN24zdWJNK3Y2bjJRWmQwNENKSVduYnhSTTF3TzBpQllYK21waG9MZ2RNVHRVMGVCTnVDVG9acFBWM1ZRWlFXMnlpUjBtS2I5NGMxc0V3T1Nna1gwUkcxRnY4QUU1Y2ZoOGNsMVZES2d0NlhTcmM1SlpMbHlmdE85L2Z4M2RQeFNRbDI5RFhPRkFEbmM5Qkc0aEhCS0oxZ0h3U1ozWHBRSFNvSWw3di9yMTE3RzEwS3dBPT0ifQ==",
        "mLRF4p5JpfRbUFeoTGR1auFB7HIIELEHt/R6Sk1XeV2eGWLO8Ktu1QqgIrZ5ppuc0s890ioacb5KBOT9BMDgVlxmY0Tpfjr9QAXIqC8xkSkFr1UZhXZSGC+dgRXfbjg+HAGMibhHT9QU/EpPu4GXgAd/FJ58GtIQmOIPuImHjQeaIWdMbWJmVQhuInHlJs235CTrguCTMueFsvU=");

    /// <summary>Puts them in folders <c>local</c> and <c>offsite</c>.</summary>
    public static void Write(string folder)
    {
        Write(Path.Combine(folder, "local"), Local);
        Write(Path.Combine(folder, "offsite"), Offsite);
    }

    private static void Write(string path, (string Key, string KeyFile, string Config) content)
    {
        foreach (string name in new[] { "keys", "locks", "index", "snapshots", "data" }) Directory.CreateDirectory(Path.Combine(path, name));
        for (int i = 0; i < 256; i++) Directory.CreateDirectory(Path.Combine(path, "data", i.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
        File.WriteAllBytes(Path.Combine(path, "keys", content.Key), Convert.FromBase64String(content.KeyFile));
        File.WriteAllBytes(Path.Combine(path, "config"), Convert.FromBase64String(content.Config));
    }
}
