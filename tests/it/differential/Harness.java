// Judges all files of a folder by Java's own validator, in one process: one line a file, its name, its
// verdict, and the first complaint. Nothing outside the named schema's folder is ever opened.

import java.io.File;
import java.io.PrintStream;
import java.util.Arrays;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXParseException;

final class Harness {
    /** Remembers the first complaint; goes on after faults against the schema. */
    private static final class Ear implements ErrorHandler {
        String verdict = "valid";
        String said = "";

        private void hear(String kind, SAXParseException fault) {
            if (verdict.equals("valid")) {
                verdict = kind;
                said = fault.getMessage();
            }
        }

        @Override
        public void warning(SAXParseException fault) {}

        @Override
        public void error(SAXParseException fault) {
            hear("invalid", fault);
        }

        @Override
        public void fatalError(SAXParseException fault) throws SAXParseException {
            verdict = "malformed";
            said = fault.getMessage();
            throw fault;
        }
    }

    public static void main(String[] arguments) throws Exception {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
        Schema schema = factory.newSchema(new File(arguments[0]));
        File[] files = new File(arguments[1]).listFiles((folder, name) -> name.endsWith(".xml"));
        Arrays.sort(files);
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        for (File file : files) {
            Ear ear = new Ear();
            Validator validator = schema.newValidator();
            validator.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
            validator.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
            validator.setErrorHandler(ear);
            try {
                validator.validate(new StreamSource(file));
            } catch (SAXParseException fault) {
                ear.verdict = "malformed";
                ear.said = fault.getMessage();
            } catch (java.io.CharConversionException | java.nio.charset.CharacterCodingException fault) {
                ear.verdict = "malformed";
                ear.said = fault.getMessage();
            } catch (Exception fault) {
                // Bad octets come as other exceptions, by the encoding.
                ear.verdict = fault instanceof java.io.IOException ? "malformed" : "broken";
                ear.said = fault.toString();
            }
            String said = ear.said == null ? "" : ear.said.replaceAll("\\s+", " ");
            out.println(file.getName() + "\t" + ear.verdict + "\t" + said);
        }
        out.flush();
    }
}
