using ProdOps.NoticeCompiler;

if (args.Length != 3)
{
    Console.Error.WriteLine("notice-compiler <deps.json> <packageFolder> <outputFile>   write the licences of the packages that a dependency file names");
    return 2;
}

try
{
    string text = NoticeText.Write(ShippedPackage.ReadAll(args[0], args[1]));
    File.WriteAllText(args[2], text);
    return 0;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or System.Text.Json.JsonException or System.Xml.XmlException)
{
    Console.Error.WriteLine($"{args[0]}: error NOTICE: {e.Message}");
    return 1;
}
